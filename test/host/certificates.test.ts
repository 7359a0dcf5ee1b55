import { describe, expect, it } from '@jest/globals';
import { render } from '../../src/config/files.ts';
import { readUpstream } from '../../src/fleet/sources.ts';
import { parseCollected } from '../../src/host/collect.ts';
import { AT, BOUNDARY, type Lab, underEveryShell } from './boot-lab.ts';
import { Host, NOW, SHELLS } from './host.ts';
import { kept } from './kept.ts';
import { layout } from './layouts.ts';
import { whereIs } from './programs.ts';

// boot looks, and notes what it saw; collect tells what is noted.

const HOUR = 3600;
const DAY = 24 * HOUR;
const NOTE = 'var/lib/podtime/certificates';

/** As OpenSSL writes a date. */
function written(seconds: number): string {
  const [, day, month, year, time] = new Date(seconds * 1000).toUTCString().split(' ');
  return `${month} ${String(Number(day)).padStart(2)} ${time} ${year} GMT`;
}

function look(name: string): string {
  return `s_client -connect ${name}:4460 -servername ${name} -alpn ntske/1`;
}

/** A host with an openssl that notes its calls and answers of these certificates; its chrony is served these names with NTS. */
class Looks {
  readonly certificates: Record<string, [starts: number, ends: number]> = {};
  now = NOW;

  constructor(
    private readonly lab: Lab,
    private readonly names: readonly string[],
  ) {
    lab.host
      .daemon('chronyd', 'chronyd (chrony) version 4.3 (+CMDMON)')
      .services('service', ['chrony'])
      .write('etc/chrony/chrony.conf', '');
    const upstreams = names.map((host) => readUpstream({ host, nts: true }));
    const { text } = render('chrony.conf', { ...AT, fleet: { ...AT.fleet, upstreams }, tier: 'boundary' }, [4, 3]);
    lab.answerFile = async () => ({ statusCode: 200, body: text });
  }

  /** A run of boot.sh: how it ended, and the names that it looked at. */
  async boot(): Promise<{ status: number | null; stderr: string; looked: string[] }> {
    const { host } = this.lab;
    const cases = Object.entries(this.certificates).map(
      ([name, [starts, ends]]) =>
        `*'-servername ${name} '*) printf 'notBefore=%s\\nnotAfter=%s\\n' '${written(starts)}' '${written(ends)}' ;;`,
    );
    const answer = ['s_client) case "$* " in', ...cases, 'esac ;;', 'x509) cat ;;'].join('\n');
    host.command('openssl', `echo "$*" >>"$PODTIME_ROOT/openssl"\ncase $1 in\n${answer}\nesac`);
    host.command('date', `echo ${this.now}`);
    host.write('openssl', '');
    const { status, stderr } = await this.lab.boot(BOUNDARY);
    const calls = (host.read('openssl') ?? '').split('\n');
    const looked = calls.flatMap((call) => this.names.filter((name) => call === look(name)));
    expect(calls.filter((call) => call.startsWith('s_client'))).toHaveLength(looked.length);
    return { status, stderr, looked };
  }

  get note(): string | null {
    return this.lab.host.read(NOTE);
  }
}

underEveryShell('boot.sh and the certificates of who is asked with NTS', (lab, really) => {
  const well = (...looked: string[]) => ({ status: 0, stderr: '', looked });

  really('notes from when until when each is valid', async () => {
    const looks = new Looks(lab, ['a.example', 'b.example']);
    // over a leap day, and in a month after it
    const [starts, ends] = [Date.UTC(2028, 1, 28, 23, 59, 58) / 1000, Date.UTC(2028, 2, 1) / 1000];
    looks.certificates['a.example'] = [starts, ends];
    expect(await looks.boot()).toEqual(well('a.example', 'b.example'));
    expect(looks.note).toBe(`a.example ${NOW} ${starts} ${ends}\nb.example ${NOW} - -\n`);
    expect(lab.host.list('var/lib/podtime')).toEqual(['certificates', 'restart.log']);
  });

  really('looks at each once a day, an hour after no answer, and so in the last third of its life', async () => {
    const looks = new Looks(lab, ['good.example', 'ending.example', 'mute.example']);
    lab.host.write(NOTE, `good.example ${NOW} ${NOW - DAY} ${NOW + 90 * DAY}\nother.example ${NOW} - -\n`);
    looks.certificates['good.example'] = [NOW, NOW + 90 * DAY];
    looks.certificates['ending.example'] = [NOW - 70 * DAY, NOW + 20 * DAY];
    expect(await looks.boot()).toEqual(well('ending.example', 'mute.example'));
    looks.now += HOUR - 1;
    expect(await looks.boot()).toEqual(well());
    looks.now += 1;
    looks.certificates['ending.example'] = [NOW, NOW + 90 * DAY];
    expect(await looks.boot()).toEqual(well('ending.example', 'mute.example'));
    looks.now += DAY - HOUR - 1;
    expect(await looks.boot()).toEqual(well('mute.example'));
    looks.now += 1;
    expect(await looks.boot()).toEqual(well('good.example'));
    expect(looks.note?.split('\n').map((line) => line.split(' ')[0])).toEqual([
      'good.example',
      'mute.example',
      'ending.example',
      '',
    ]);
  });

  really('looks again at one whose look is in the future, after the clock was set back', async () => {
    const looks = new Looks(lab, ['a.example']);
    lab.host.write(NOTE, `a.example ${NOW + 1} ${NOW - DAY} ${NOW + 90 * DAY}\n`);
    expect(await looks.boot()).toEqual(well('a.example'));
  });

  really('looks at eight in one run, those first that waited longest', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].map((letter) => `${letter}.example`);
    const looks = new Looks(lab, names);
    expect(await looks.boot()).toEqual(well(...names.slice(0, 8)));
    looks.now += 6 * HOUR;
    expect(await looks.boot()).toEqual(well('i.example', 'j.example', ...names.slice(0, 6)));
  });

  really('notes when it looked, which may be long after the run began', async () => {
    const looks = new Looks(lab, ['a.example']);
    lab.answerRegister = async () => {
      lab.host.command('date', `echo ${NOW + 60}`);
      return { statusCode: 200, body: '{}' };
    };
    expect(await looks.boot()).toEqual(well('a.example'));
    expect(looks.note).toBe(`a.example ${NOW + 60} - -\n`);
  });

  really('looks at nobody where the host cannot tell the time', async () => {
    const looks = new Looks(lab, ['a.example']);
    looks.now = Number.NaN;
    expect(await looks.boot()).toEqual(well());
    expect(looks.note).toBeNull();
  });

  really('looks at nobody where the run has failed, and notes nothing while another run is at work', async () => {
    const looks = new Looks(lab, ['a.example']);
    lab.host.write('broken', '');
    expect(await looks.boot()).toMatchObject({ status: 1, looked: [] });
    lab.host.forget('broken');
    looks.certificates['a.example'] = [NOW, NOW + DAY];
    lab.answerRegister = async () => {
      lab.host.command('ln', 'echo "ln: failed to create symbolic link \'boot.lock\': File exists" >&2; exit 1');
      return { statusCode: 200, body: '{}' };
    };
    expect(await looks.boot()).toEqual(well('a.example'));
    expect(looks.note).toBeNull();
  });

  really('keeps what another run noted meanwhile', async () => {
    const looks = new Looks(lab, ['a.example', 'b.example']);
    lab.host.write(NOTE, `b.example ${NOW} - -\n`);
    const meanwhile = `b.example ${NOW} ${NOW - DAY} ${NOW + DAY}`;
    lab.host.command('openssl', `echo '${meanwhile}' >"$PODTIME_ROOT/${NOTE}"`).command('date', `echo ${NOW}`);
    expect(await lab.boot(BOUNDARY)).toMatchObject({ status: 0, stderr: '' });
    expect(looks.note).toBe(`a.example ${NOW} - -\n${meanwhile}\n`);
  });

  really.each([
    ['ntpsec', 'ntpsec.conf', 'ntpd', 'ntpd ntpsec-1.2.2', [1, 2, 2]],
    ['ntpd-rs', 'ntpd-rs.toml', 'ntp-daemon', 'ntp-daemon 1.4.0', [1, 4, 0]],
  ] as const)('finds them in the file of %s', async (service, file, program, version, least) => {
    const looks = new Looks(lab, ['a.example']);
    lab.host.without('chronyd').daemon(program, version).services('service', [service]);
    const upstreams = [readUpstream('plain.example'), readUpstream({ host: 'a.example', nts: true })];
    const { text } = render(file, { ...AT, fleet: { ...AT.fleet, upstreams }, tier: 'boundary' }, [...least]);
    lab.answerFile = async () => ({ statusCode: 200, body: text });
    expect(await looks.boot()).toEqual(well('a.example'));
  });

  really('waits a few seconds for each that does not answer, and goes on', async () => {
    const looks = new Looks(lab, ['a.example', 'b.example']);
    const hangs = `[ "$1" = x509 ] || exec ${whereIs('sleep')} 600`;
    expect(BOUNDARY).toContain('\nLOOK_SECONDS=4\n');
    lab.host.command('openssl', hangs).command('date', `echo ${NOW}`);
    expect(await lab.boot(BOUNDARY.replace('\nLOOK_SECONDS=4\n', '\nLOOK_SECONDS=1\n'))).toMatchObject({ status: 0 });
    expect(looks.note).toBe(`a.example ${NOW} - -\nb.example ${NOW} - -\n`);
  });

  really.each(['openssl', 'timeout'])('ends as ever without %s, and notes nothing', async (tool) => {
    const looks = new Looks(lab, ['a.example']);
    if (tool === 'openssl') {
      expect(await lab.boot(BOUNDARY)).toMatchObject({ status: 0, stderr: '' });
    } else {
      lab.host.without(tool);
      expect(await looks.boot()).toEqual(well());
    }
    expect(looks.note).toBeNull();
  });

  really('looks at nobody whom it asks without NTS', async () => {
    const looks = new Looks(lab, ['a.example']);
    const fleet = { ...AT.fleet, upstreams: [readUpstream('a.example')] };
    const { text } = render('chrony.conf', { ...AT, fleet, tier: 'boundary' }, [4, 3]);
    lab.answerFile = async () => ({ statusCode: 200, body: text });
    expect(await looks.boot()).toEqual(well());
    expect(looks.note).toBeNull();
  });
});

describe.each(SHELLS)('under %s, collect', (shell) => {
  const newHost = (...names: string[]) => {
    const host = kept(new Host(shell));
    layout('RHEL 9').lay(host);
    host.tools('openssl');
    return host.file('/etc/chrony.conf', names.map((name) => `server ${name} iburst nts\n`).join(''));
  };
  const note = (...lines: string[]) => `${lines.join('\n')}\n`;

  it('tells a certificate near its end, in its place', () => {
    const host = newHost('a.example');
    host.file(`/${NOTE}`, note(`a.example ${NOW} ${NOW - 80 * DAY} ${NOW + 10 * DAY}`));
    const { stdout } = host.run('collect');
    expect(stdout).toContain(`\ncertificate a.example ${10 * DAY} ${90 * DAY}\nsystem chronyc\n`);
    expect(parseCollected(stdout)).toMatchObject({
      certificates: [{ name: 'a.example', secondsLeft: 10 * DAY, lifeSeconds: 90 * DAY }],
      faults: [],
    });
  });

  it('tells one of ntpsec, whose age no clock is read for', () => {
    const host = kept(new Host(shell));
    layout('Debian 12, ntpsec').lay(host);
    host.file('/etc/ntpsec/ntp.conf', 'server a.example iburst nts\n');
    host.file(`/${NOTE}`, note(`a.example ${NOW} ${NOW - 80 * DAY} ${NOW + 10 * DAY}`));
    const { stdout } = host.run('collect');
    expect(stdout.match(/^(certificate|(un)?authenticated) .*$/gm)).toEqual([
      `certificate a.example ${10 * DAY} ${90 * DAY}`,
    ]);
  });

  it('tells nothing of a classic ntpd, which knows no NTS', () => {
    const host = kept(new Host(shell));
    layout('Ubuntu 22.04').lay(host);
    host.file('/etc/ntp.conf', 'server a.example iburst nts\n');
    host.file(`/${NOTE}`, note(`a.example ${NOW} ${NOW - 80 * DAY} ${NOW + 10 * DAY}`));
    expect(host.run('collect').stdout).not.toContain('\ncertificate ');
  });

  it('tells one that has ended, and nothing of who has a third before it, was not seen or is not asked', () => {
    const host = newHost('ended.example', 'good.example', 'unseen.example').file(
      `/${NOTE}`,
      note(
        `ended.example ${NOW} ${NOW - 10 * DAY} ${NOW - 60}`,
        `good.example ${NOW} ${NOW - 60 * DAY} ${NOW + 30 * DAY}`,
        `unseen.example ${NOW} - -`,
        `other.example ${NOW} ${NOW - 10 * DAY} ${NOW - 60}`,
      ),
    );
    const { stdout } = host.run('collect');
    expect(stdout.match(/^certificate .*$/gm)).toEqual([`certificate ended.example -60 ${10 * DAY - 60}`]);
    expect(parseCollected(stdout)?.certificates).toEqual([
      { name: 'ended.example', secondsLeft: -60, lifeSeconds: 10 * DAY - 60 },
    ]);
  });

  it('tells nothing of a look more than two days from now, either way', () => {
    const looks = { 'a.example': -2 * DAY, 'b.example': -2 * DAY - 1, 'c.example': 2 * DAY, 'd.example': 2 * DAY + 1 };
    const host = newHost(...Object.keys(looks));
    const lines = Object.entries(looks).map(
      ([name, seconds]) => `${name} ${NOW + seconds} ${NOW - 9 * DAY} ${NOW + DAY}`,
    );
    host.file(`/${NOTE}`, note(...lines));
    expect(host.run('collect').stdout.match(/^certificate \S+/gm)).toEqual([
      'certificate a.example',
      'certificate c.example',
    ]);
  });

  it('looks at no certificate itself', () => {
    const host = newHost('a.example');
    host.run('collect');
    expect(host.calls().filter((call) => call.startsWith('openssl'))).toEqual([]);
    expect(host.read(`/${NOTE}`)).toBeNull();
  });

  it('tells nothing of names that a shell or openssl could take for something else', () => {
    const names = ['-x.example', 'b;reboot.example'];
    const host = newHost('a.example', ...names);
    host.file(`/${NOTE}`, note(...names.map((name) => `${name} ${NOW} ${NOW - 80 * DAY} ${NOW + 10 * DAY}`)));
    expect(host.run('collect').stdout).not.toContain('\ncertificate ');
  });
});
