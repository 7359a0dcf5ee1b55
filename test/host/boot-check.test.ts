import { describe, expect } from '@jest/globals';
import {
  NEWER_PROGRAMS,
  TESTING_CHRONY,
  whyNoNewerDaemons,
  whyNoTestingChrony,
} from '../../packages/lab/src/real/newer-daemons.ts';
import { type ConfigFile, render } from '../../src/config/files.ts';
import { END } from '../../src/config/layout.ts';
import { seal } from '../../src/config/seal.ts';
import { titleOf } from '../../src/config/target.ts';
import type { Version } from '../../src/config/versions.ts';
import type { ExtraDaemon } from '../../src/fleet/fleet.ts';
import { whyNot } from '../config/namespace.ts';
import { AT, OLD, underEveryShell } from './boot-lab.ts';
import { whereIs } from './programs.ts';

const CHRONY = 'etc/chrony/chrony.conf';
const RS = 'etc/ntpd-rs/ntp.toml';
const SEC = 'etc/ntpsec/ntp.conf';
const CLIENT = { ...AT, tier: 'client' } as const;

/** A file that is podtime's by its head, its revision and its end, whatever stands between. */
const sealed = (file: string, ...lines: string[]) => seal([titleOf(CLIENT, file), ...lines, END], 1).text;

underEveryShell('boot.sh and what the daemon says of its file', (lab, really) => {
  const chrony = (version: string, ...check: string[]) =>
    lab.host
      .services('service', ['chrony'])
      .write(CHRONY, OLD)
      .command(
        'chronyd',
        [
          `if [ "$*" = --version ]; then echo 'chronyd (chrony) version ${version} (+CMDMON)'; exit; fi`,
          '[ "$1 $2" = "-p -f" ] || exit 64',
          'cat "$3"',
          ...check,
        ].join('\n'),
      );
  const ntpdRs = () =>
    lab.host
      .daemon('ntp-daemon', 'ntp-daemon 1.4.0')
      .services('systemctl', ['ntpd-rs'])
      .write('unit', '[Service]\nExecStart=/usr/bin/ntp-daemon\n')
      .write(RS, OLD);
  const outcomeOf = async (place: string) => {
    const { status, stderr } = await lab.boot();
    return { status, stderr, file: lab.host.read(place), restarts: lab.host.restarts };
  };
  const served = (version?: number[]) => render('chrony.conf', CLIENT, version).text;
  const kept = (words: string) => ({
    status: 1,
    stderr: `podtime: chronyd does not take the chrony.conf that ${lab.api.url} answers (${words}); /${CHRONY} is left as it is\n`,
    file: OLD,
    restarts: [],
  });
  const put = (stderr = '') => ({ status: 0, stderr, file: served(), restarts: ['restart chrony'] });

  really('keeps the old one where chronyd refuses it, and tells why', async () => {
    chrony('4.3', `echo "2026-11-29T23:25:41Z Fatal error : Invalid directive at line 7 in file $3" >&2; exit 1`);
    expect(await outcomeOf(CHRONY)).toEqual(kept('Invalid directive at line 7'));
    expect(lab.host.list('etc/chrony')).toEqual(['chrony.conf']);
  });

  really('keeps the old one where chronyd refuses it without a word', async () => {
    chrony('4.3', 'exit 1');
    expect(await outcomeOf(CHRONY)).toEqual(kept('it does not say why'));
  });

  really('puts it in place where chronyd takes it, and tells what it warns of', async () => {
    chrony('4.3', 'echo "2026-11-29T23:25:41Z commandkey directive is no longer supported" >&2');
    expect(await outcomeOf(CHRONY)).toEqual(
      put('podtime: chronyd says of chrony.conf: commandkey directive is no longer supported\n'),
    );
  });

  really.each([
    ['does not end', 'exit 124', ''],
    [
      'may not read it there',
      'echo "2026-11-29T23:25:41Z Fatal error : Could not open $3 : Permission denied" >&2; exit 1',
      'podtime: chronyd says of chrony.conf: Could not open ',
    ],
  ])('tries it, where chronyd %s: that is no refusal', async (_, check, words) => {
    chrony('4.3', check);
    const { stderr, ...others } = await outcomeOf(CHRONY);
    expect({ ...others, stderr: stderr.slice(0, words.length || undefined) }).toEqual(put(words));
  });

  really('tries it, where chronyd is too old to check one', async () => {
    chrony('3.5', 'exit 1');
    expect(await outcomeOf(CHRONY)).toEqual(put());
  });

  really('of a classic ntpd, which can check none: put in its place, and nothing is taken for its words', async () => {
    lab.host.daemon('ntpd', 'ntpd 4.2.8p15@1.3728-o').services('service', ['ntp']);
    const { text } = render('ntp.conf', CLIENT);
    lab.answerFile = async () => ({ statusCode: 200, headers: { 'Retry-After': '5' }, body: text });
    expect(await outcomeOf('etc/ntp.conf')).toEqual({ status: 0, stderr: '', file: text, restarts: ['restart ntp'] });
  });

  really('of ntpd-rs: put in its place, without ntp-ctl too', async () => {
    ntpdRs();
    expect(await outcomeOf(RS)).toEqual({
      status: 0,
      stderr: '',
      file: render('ntpd-rs.toml', CLIENT).text,
      restarts: ['restart ntpd-rs'],
    });
    expect(lab.api.requests).toEqual(['GET /blue/client/us-west-2b/ntpd-rs.toml?version=1.4.0&revision=none']);
  });

  describe('by real daemons', () => {
    /** The file as it would be served with a line of the operator's own, which the API then answers. */
    const withExtra = (file: ConfigFile, daemon: ExtraDaemon, extra: string[], version?: Version) => {
      const pod = { ...CLIENT.pod, extra: { ...CLIENT.pod.extra, [daemon]: extra } };
      const body = render(file, { ...CLIENT, pod }, version).text;
      lab.answerFile = async () => ({ statusCode: 200, body });
      return { body, line: (text: string) => body.split('\n').indexOf(text) + 1 };
    };

    const whyNoChrony = whereIs('chronyd') === null ? 'no chronyd here' : null;
    const byChrony = whyNoChrony === null ? really : really.skip;
    const whyNoNewer = whyNoNewerDaemons();
    const whyNoSec = whyNot('ntpsec');
    const bySec = whyNoSec === null ? really : really.skip;
    const byNewer = whyNoNewer === null ? really : really.skip;
    const whyNoTesting = whyNoTestingChrony();
    const byTesting = whyNoTesting === null ? really : really.skip;
    const skipped = (why: string | null) => (why === null ? '' : ` (skipped: ${why})`);

    byChrony(`chrony 4.3 takes its file and not one for 4.4${skipped(whyNoChrony)}`, async () => {
      lab.host.services('service', ['chrony']).write(CHRONY, OLD).tool('chronyd');
      const { answerFile } = lab;
      const newer = served([4, 4]);
      lab.answerFile = async () => ({ statusCode: 200, body: newer });
      const line = newer.split('\n').findIndex((each) => each.startsWith('refresh')) + 1;
      expect(await outcomeOf(CHRONY)).toEqual(kept(`Invalid directive at line ${line}`));
      lab.answerFile = answerFile;
      expect(await outcomeOf(CHRONY)).toEqual(put());
    });

    byChrony(`chrony refuses a line of the operator's own, and takes another${skipped(whyNoChrony)}`, async () => {
      lab.host.services('service', ['chrony']).write(CHRONY, OLD).tool('chronyd');
      const { line } = withExtra('chrony.conf', 'chrony', ['maxupdateskew 50', 'hwtimestmap *']);
      expect(await outcomeOf(CHRONY)).toEqual(kept(`Invalid directive at line ${line('hwtimestmap *')}`));
      const { body } = withExtra('chrony.conf', 'chrony', ['maxupdateskew 50', 'hwtimestamp *']);
      expect(await outcomeOf(CHRONY)).toEqual({ ...put(), file: body });
    });

    bySec(`ntpsec refuses a line of the operator's own, and takes another${skipped(whyNoSec)}`, async () => {
      lab.ntpsec().without('ntpd').tool('ntpd').tool('setpriv');
      const { line } = withExtra('ntpsec.conf', 'ntpsec', ['tinker stepout 60', 'tinker stepot 60']);
      expect(await outcomeOf(SEC)).toEqual({
        status: 1,
        stderr:
          `podtime: ntpd does not take the ntpsec.conf that ${lab.api.url} answers ` +
          `(line ${line('tinker stepot 60')} column 5 syntax error); /${SEC} is left as it is\n`,
        file: OLD,
        restarts: [],
      });
      const { body } = withExtra('ntpsec.conf', 'ntpsec', ['tinker stepout 60', 'rlimit memlock 0']);
      expect(await outcomeOf(SEC)).toEqual({
        status: 0,
        stderr: 'podtime: ntpd says of ntpsec.conf: memlock ignored\n',
        file: body,
        restarts: ['restart ntpsec'],
      });
    });

    bySec(`ntpsec takes the file that is served${skipped(whyNoSec)}`, async () => {
      lab.ntpsec().without('ntpd').tool('ntpd').tool('setpriv');
      expect(await outcomeOf(SEC)).toEqual({
        status: 0,
        stderr: '',
        file: render('ntpsec.conf', CLIENT).text,
        restarts: ['restart ntpsec'],
      });
    });

    byNewer(`ntpd-rs refuses a line of the operator's own, and takes another${skipped(whyNoNewer)}`, async () => {
      ntpdRs().command('ntp-ctl', `exec ${NEWER_PROGRAMS.ntpCtl} "$@"`);
      const { line } = withExtra('ntpd-rs.toml', 'ntpd-rs', ['[keyset]', 'stale-keys = 7']);
      expect(await outcomeOf(RS)).toEqual({
        status: 1,
        stderr:
          `podtime: ntp-ctl does not take the ntpd-rs.toml that ${lab.api.url} answers ` +
          `(TOML parse error at line ${line('stale-keys = 7')}, column 1; ` +
          'unknown field stale-keys, expected one of stale-key-count, key-rotation-interval,); ' +
          `/${RS} is left as it is\n`,
        file: OLD,
        restarts: [],
      });
      const { body } = withExtra('ntpd-rs.toml', 'ntpd-rs', ['[keyset]', 'stale-key-count = 7']);
      expect(await outcomeOf(RS)).toEqual({ status: 0, stderr: '', file: body, restarts: ['restart ntpd-rs'] });
    });

    byNewer(`chrony 4.6 takes its file and not one for 4.8${skipped(whyNoNewer)}`, async () => {
      lab.host.services('service', ['chrony']).write(CHRONY, OLD);
      lab.host.command('chronyd', `exec ${NEWER_PROGRAMS.chronyd} "$@"`);
      const { answerFile } = lab;
      lab.answerFile = async () => ({ statusCode: 200, body: served([4, 8]) });
      const line =
        served([4, 8])
          .split('\n')
          .findIndex((each) => each.includes('maxunreach')) + 1;
      expect(await outcomeOf(CHRONY)).toEqual(kept(`Could not parse server directive at line ${line}`));
      lab.answerFile = answerFile;
      expect(await outcomeOf(CHRONY)).toEqual({ ...put(), file: served([4, 6, 1]) });
    });

    byTesting(`chrony of 4.8 or later takes its file, with maxunreach${skipped(whyNoTesting)}`, async () => {
      lab.host.services('service', ['chrony']).write(CHRONY, OLD);
      lab.host.command('chronyd', `exec ${TESTING_CHRONY.chronyd} "$@"`);
      const file = served([4, 8]);
      expect(file).toContain(' maxunreach 6');
      expect(await outcomeOf(CHRONY)).toEqual({ ...put(), file });
    });

    byNewer(`ntpd-rs takes its file, and tells why it does not take another${skipped(whyNoNewer)}`, async () => {
      ntpdRs().command('ntp-ctl', `exec ${NEWER_PROGRAMS.ntpCtl} "$@"`);
      const { answerFile } = lab;
      lab.answerFile = async () => ({
        statusCode: 200,
        body: sealed('ntpd-rs.toml', '[synchronization]', 'sources = 1'),
      });
      expect(await outcomeOf(RS)).toEqual({
        status: 1,
        stderr:
          `podtime: ntp-ctl does not take the ntpd-rs.toml that ${lab.api.url} answers ` +
          `(TOML parse error at line 3, column 1; unknown field sources); ` +
          `/${RS} is left as it is\n`,
        file: OLD,
        restarts: [],
      });
      lab.answerFile = async () => ({
        statusCode: 200,
        body: sealed('ntpd-rs.toml', '[[source]]', 'mode = "server"', 'address = "10.20.0.8"'),
      });
      expect(await outcomeOf(RS)).toMatchObject({
        status: 1,
        stderr: expect.stringContaining(
          'answers (Fewer sources configured than are required to agree on the current time.',
        ),
        file: OLD,
      });
      lab.answerFile = answerFile;
      expect(await outcomeOf(RS)).toMatchObject({ status: 0, stderr: '', file: render('ntpd-rs.toml', CLIENT).text });
    });
  });
});
