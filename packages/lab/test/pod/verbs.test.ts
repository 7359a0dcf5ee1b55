import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Bench, startBench } from '@podtime/aws-endpoint/testing';
import { loadFleet } from '../../../../src/fleet/load.ts';
import type { HistoryAnswer } from '../../src/pod/answers.ts';
import { usage } from '../../src/pod/client/help.mjs';
import { Damage } from '../../src/pod/damage.ts';
import { HostDirectory, PodError } from '../../src/pod/host-directory.ts';
import { inventoryOf } from '../../src/pod/inventory.ts';
import type { LocalPod } from '../../src/pod/pod.ts';
import type { StoredHost, StoredReport } from '../../src/pod/stored-report.ts';
import { runVerb } from '../../src/pod/verbs/verbs.ts';
import { createSimulatedHosts, type SimulatedHosts } from '../../src/simulated/simulated-hosts.ts';
import { createTestZone } from '../simulated/test-hosts.ts';

// The verbs on a pod's directory, endpoint and simulated hosts, without podtime itself.

const fleet = loadFleet(readFileSync('packages/lab/fleet.yml', 'utf8'), 'packages/lab/fleet.yml');
const UPSTREAM = 'us-west-2b.stratum-2.invalid';

let bench: Bench;
let backend: SimulatedHosts;
let directory: HostDirectory;
let damage: Damage;
let reports: Record<string, StoredReport>;

beforeEach(async () => {
  bench = await startBench();
  directory = new HostDirectory(fleet);
  damage = new Damage();
  reports = {};
  const folder = mkdtempSync(join(tmpdir(), 'podtime-verbs-'));
  backend = createSimulatedHosts({ clock: bench.clock, folder, zoneOf: () => createTestZone() });
  for (const host of inventoryOf(fleet)) {
    const { instanceId, pod, az, ipv4 } = host;
    directory.add(host);
    bench.endpoint.instances.adopt({ instanceId, vpc: directory.pod(pod).vpc, az, ipv4, tags: { 'ntp-pod': pod } });
    backend.add({ ...host, id: instanceId, config: `server ${UPSTREAM} iburst\n`, bootSeconds: 0 });
  }
  await bench.clock.advance(60_000);
});
afterEach(async () => {
  backend.close();
  await bench.close();
});

describe('history', () => {
  const answered = (answer: HistoryAnswer, ...words: string[]) => {
    const asked: unknown[] = [];
    const history = async (...given: unknown[]) => {
      asked.push(given);
      return answer;
    };
    const pod = { directory, history } as unknown as LocalPod;
    const args = ['history', ...words];
    return runVerb(pod, { args, json: false, text: null, terminal: PIPE }).then((lines) => ({ lines, asked }));
  };

  it('asks podtime for one host, and names it', async () => {
    const { instanceId } = directory.host('blue-client-c1');
    const sentences = [`14:03: nothing is known of ${instanceId}. It did not answer at 14:05.`];
    const { lines, asked } = await answered({ sentences }, 'blue-client-c1', '2026-11-24T14:03:00Z');
    expect(asked).toEqual([['blue', instanceId, '2026-11-24T14:03:00Z']]);
    expect(lines).toEqual(['14:03: nothing is known of blue-client-c1. It did not answer at 14:05.']);
  });

  it('lists rows, with a dash for what is not known', async () => {
    const rows = [
      {
        at: '2026-11-24T14:00:07.000Z',
        state: 'healthy',
        offsetMs: 0.4,
        errorBoundMs: 1.5,
        systemPeer: 'ntp.az-b.pod',
        reach: '377',
      },
      { at: '2026-11-24T14:05:00.000Z', state: 'unknown', cycledAt: '2026-11-24T14:02:01.000Z' },
    ];
    const { lines } = await answered({ sentences: ['1 sample.'], rows }, 'blue-client-c1');
    expect(lines).toEqual([
      '1 sample.',
      '',
      'TIME (UTC)           STATE    OFFSET  BOUND   FOLLOWS       REACH  CYCLED',
      '2026-11-24 14:00:07  healthy  0.4 ms  1.5 ms  ntp.az-b.pod  377    -',
      '2026-11-24 14:05:00  unknown  -       -       -             -      14:02:01',
    ]);
  });

  it('fails where podtime does not take the time', async () => {
    const refused = { sentences: ['at must be a time in UTC.'], refused: true as const };
    await expect(answered(refused, 'blue-client-c1', 'noon')).rejects.toThrow(
      new PodError('at must be a time in UTC.'),
    );
  });
});

const PIPE = { colours: false, columns: null };

function verb(...args: string[]): Promise<string[]> {
  return shown(args, {});
}

function shown(args: string[], asked: Partial<Parameters<typeof runVerb>[1]>): Promise<string[]> {
  const report = (pod: string) => reports[pod] ?? null;
  const pod = { directory, backend, damage, report, endpoint: bench.endpoint } as unknown as LocalPod;
  return runVerb(pod, { args, json: false, text: null, terminal: PIPE, ...asked });
}

/** The cells of a host's line. */
async function cellsOf(name: string): Promise<string[]> {
  return (await stateOf(name)).split(/ {2,}/);
}

async function stateOf(name: string): Promise<string> {
  return (await verb('hosts')).find((line) => line.startsWith(`${name} `)) ?? '';
}

function tagsOf(name: string) {
  return bench.endpoint.instances.find(directory.host(name).instanceId)?.tags;
}

describe('a held host', () => {
  beforeEach(async () => {
    expect(await verb('hold', 'blue-client-d1')).toEqual([
      'blue-client-d1 is held: podtime looks and never touches it. To let it go: npm run pod -- unhold blue-client-d1',
    ]);
  });

  it('is shown among the hosts, and no other', async () => {
    expect(tagsOf('blue-client-d1')).toEqual({ 'ntp-pod': 'blue', 'ntp-hold': 'by hand' });
    expect((await cellsOf('blue-client-d1'))[1]).toBe('not seen yet, held');
    expect((await verb('hosts')).filter((line) => line.includes('held'))).toHaveLength(1);
  });

  it.each([[['mend', 'blue-client-d1']], [['mend']], [['unhold', 'blue-client-d1']]])(
    'is let go by %j',
    async (args) => {
      expect(await verb(...args)).toEqual(['blue-client-d1 is no longer held.']);
      expect(tagsOf('blue-client-d1')).toEqual({ 'ntp-pod': 'blue' });
      expect(await stateOf('blue-client-d1')).not.toContain('held');
    },
  );

  it.each(['blue-client-e1', 'az-d', UPSTREAM])('stays held when %s is mended', async (other) => {
    expect(await verb('mend', other)).toEqual([expect.stringMatching(/^Nothing of .* was broken\.$/)]);
    expect(tagsOf('blue-client-d1')).toHaveProperty('ntp-hold');
  });

  it('is let go once', async () => {
    await verb('unhold', 'blue-client-d1');
    expect(await verb('unhold', 'blue-client-d1')).toEqual(['blue-client-d1 was not held.']);
  });
});

describe('a pod that is named beside', () => {
  it.each([
    ['blue-client-a1', 'red', 'There is no pod red. The pods are blue, green.'],
    ['blue-client-a1', 'green', 'blue-client-a1 is a host of pod blue, not of green.'],
    ['time-service', 'green', 'time-service stands outside the pods, for all of them: leave green out.'],
    ['nobody', 'blue', /^There is no host or server nobody\. /],
  ])('%s %s cannot be cut off or mended', async (what, pod, sentence) => {
    await expect(verb('cut', what, pod)).rejects.toThrow(sentence);
    await expect(verb('mend', what, pod)).rejects.toThrow(sentence);
    expect((await verb('hosts')).join()).not.toContain('cut off');
  });

  it('may be that of the host, and says whose AZ it is', async () => {
    expect(await verb('cut', 'blue-client-a1', 'blue')).toEqual(['blue-client-a1 is cut off.']);
    expect(await verb('mend', 'blue-client-a1', 'blue')).toEqual(['blue-client-a1 is no longer cut off.']);
    expect(await verb('cut', 'az-a', 'green')).toEqual(['us-west-2a of pod green is cut off.']);
    expect(await stateOf('green-client-a1')).toContain('cut off');
    expect(await stateOf('blue-client-a1')).not.toContain('cut off');
  });
});

describe('a server outside the pods', () => {
  it.each([
    ['drift', '169.254.169.123', '3s'],
    ['cut', '169.254.169.123'],
    ['mend', '169.254.169.123'],
  ])('is named where %s knows no such name', async (...args) => {
    await expect(verb(...args)).rejects.toThrow(
      /^There is no host or server 169\.254\.169\.123\. The hosts are blue-boundary-b, .*, green-client-c1\. The servers outside the pods are us-west-2b\.stratum-2\.invalid, us-west-2c\.stratum-2\.invalid, time-service\.$/,
    );
  });

  it('is named in the usage as it is called', async () => {
    const [, example = ''] = /^SERVER +time-service, or .* such as (\S+)$/m.exec(usage().join('\n')) ?? [];
    expect(await verb('drift', example, '3s')).toEqual([`The clock of ${example} is held 3000 ms off.`]);
    expect(await verb('mend', example)).toEqual([`The clock of ${example} is no longer held 3000 ms off.`]);
  });
});

it.each([
  ['blue-client-a1', 'nonsense', 'The text is no output of ntpq or chronyc.'],
  ['blue-client-a1', 'MS Name/IP address\n', 'The text is an output of chronyc sources, but the host runs ntpd.'],
])('play %s with %j gets a sentence', async (name, text, sentence) => {
  await expect(shown(['play', name, 'capture.txt'], { text })).rejects.toThrow(new PodError(sentence));
});

describe('a drift', () => {
  it.each(['3600.1s', '-3601s', '999999999999s'])('of %s is too much', async (by) => {
    await expect(verb('drift', 'blue-client-a1', by)).rejects.toThrow(
      `'${by}' is too much: a clock is held 3600 s (an hour) off at most.`,
    );
    expect(await stateOf('blue-client-a1')).not.toContain('held');
  });

  it('of an hour is what a clock is held off, as hosts shows', async () => {
    expect(await verb('drift', 'blue-client-a1', '-3600s')).toEqual([
      'The clock of blue-client-a1 is held -3600000 ms off.',
    ]);
    expect((await cellsOf('blue-client-a1')).slice(2, 4)).toEqual([
      '-3600000.000 ms',
      expect.stringMatching(/, clock held -3600000 ms off$/),
    ]);
  });
});

describe('mend', () => {
  it('says what it did, thing by thing, once', async () => {
    await verb('drift', 'blue-client-a1', '80ms');
    await verb('drift', 'blue-client-a1', '90ms');
    await verb('stop', 'blue-client-a1');
    await verb('mute', 'green-client-a1');
    await verb('cut', 'az-b', 'green');
    await verb('hold', 'blue-client-c1');
    expect(await verb('mend', 'blue-client-a1')).toEqual([
      'The clock of blue-client-a1 is no longer held 90 ms off.',
      'The ntpd of blue-client-a1 runs again.',
    ]);
    expect(await verb('mend', 'blue-client-a1')).toEqual(['Nothing of blue-client-a1 was broken.']);
    expect(await verb('mend')).toEqual([
      'The SSM agent of green-client-a1 runs again.',
      'us-west-2b of pod green is no longer cut off.',
      'blue-client-c1 is no longer held.',
    ]);
    expect(await verb('mend')).toEqual(['Nothing was broken.']);
    expect((await verb('hosts')).filter((line) => /held|cut off|no agent|no daemon/.test(line))).toEqual([]);
  });
});

/** A report that says so of hosts by their names. */
function reportOf(pod: string, hosts: Record<string, Partial<StoredHost>>): StoredReport {
  const healthy = { state: 'healthy', confident: true, sentence: 'all is well.', stale: null };
  return {
    pod,
    hosts: Object.entries(hosts).map(([name, host]) => ({
      ...healthy,
      ...host,
      instanceId: directory.host(name).instanceId,
    })),
  } as unknown as StoredReport;
}

describe('hosts', () => {
  const WHY = 'offset 80 ms is over the limit of 50 ms: the clock is behind its reference.';
  beforeEach(() => {
    const stale = { sentence: 'polls no address of ntp.az-b.pod.' };
    reports.blue = reportOf('blue', {
      'blue-client-a1': {},
      'blue-client-b1': { state: 'adrift', confident: false, sentence: WHY },
      'blue-client-c1': { stale },
    });
  });

  it('has what podtime says beside the truth, and why at the end', async () => {
    await verb('cut', 'blue-client-a1');
    expect((await verb('hosts'))[0]?.split(/ {2,}/)).toEqual([
      'HOST',
      'PODTIME SAYS',
      'TRUE ERROR',
      'IN TRUTH',
      'DAEMON',
      'ADDRESS',
      'INSTANCE',
      'WHY',
    ]);
    const { instanceId } = directory.host('blue-client-a1');
    expect(await cellsOf('blue-client-a1')).toEqual([
      'blue-client-a1',
      'healthy',
      expect.stringMatching(/^-?\d+\.\d{3} ms$/),
      expect.stringMatching(/, cut off$/),
      'ntpd',
      '10.20.1.100',
      instanceId,
    ]);
    expect((await cellsOf('blue-client-b1')).filter((_, column) => [1, 7].includes(column))).toEqual(['adrift', WHY]);
    expect((await cellsOf('blue-client-c1')).filter((_, column) => [1, 7].includes(column))).toEqual([
      'healthy, stale',
      'all is well. stale: polls no address of ntp.az-b.pod.',
    ]);
    expect((await cellsOf('green-client-a1'))[1]).toBe('not seen yet');
  });

  it('is of one pod where one is named, and names what was meant', async () => {
    const [, ...lines] = await verb('hosts', 'green');
    expect(lines.map((line) => line.split(' ')[0])).toEqual(
      directory.hosts().flatMap(({ name, pod }) => (pod === 'green' ? [name] : [])),
    );
    await expect(verb('hosts', 'bleu')).rejects.toThrow(
      new PodError('There is no pod bleu. Did you mean blue? The pods are blue, green.'),
    );
  });

  it('answers programs in JSON', async () => {
    const listed = JSON.parse((await shown(['hosts', 'blue'], { json: true })).join('\n'));
    expect(listed).toHaveLength(14);
    expect(listed.find(({ name }: { name: string }) => name === 'blue-client-b1')).toEqual({
      ...directory.host('blue-client-b1'),
      held: false,
      truth: { clockErrorMs: expect.any(Number), sentence: expect.any(String) },
      podtime: { state: 'adrift', sentence: WHY, confident: false, stale: false },
    });
  });

  it('is cut to a terminal, with the reason below, and has colours where they are wanted', async () => {
    const lines = await shown(['hosts', 'blue'], { terminal: { colours: false, columns: 50 } });
    expect(lines.filter((line) => line.length > 50)).toEqual([]);
    expect(lines[0]).toBe('HOST             PODTIME SAYS    TRUE ERROR  IN T…');
    const place = lines.findIndex((line) => line.startsWith('blue-client-b1 '));
    expect(lines[place]?.endsWith('…')).toBe(true);
    expect(lines.slice(place + 1, place + 3)).toEqual([
      '    offset 80 ms is over the limit of 50 ms: the',
      '    clock is behind its reference.',
    ]);
    const coloured = await shown(['hosts', 'blue'], { terminal: { colours: true, columns: 50 } });
    expect(coloured.map(stripVTControlCharacters)).toEqual(lines);
    expect(coloured[place]).toContain('\u001b[31m');
  });
});

describe('alarms', () => {
  it('has what rings first, and of that the pod before its reasons', async () => {
    const alarm = (name: string, state: string, composite = false) => ({
      ...{ name: `podtime-local-${name}`, state, composite, reason: 'for a reason', sinceMs: 0 },
    });
    const endpoint = {
      alarms: () => [
        alarm('blue', 'ALARM', true),
        alarm('blue-boundary-adrift', 'OK'),
        alarm('blue-client-adrift', 'ALARM'),
        alarm('blue-client-coverage', 'INSUFFICIENT_DATA'),
        alarm('blueberry', 'ALARM', true),
        alarm('green', 'OK', true),
      ],
    };
    const pod = { directory, endpoint } as unknown as LocalPod;
    const asked = { args: ['alarms', 'blue'], text: null, terminal: PIPE };
    const lines = await runVerb(pod, { ...asked, json: false });
    expect(
      lines.map((line) =>
        line
          .replace(/ {2,}/g, ' ')
          .split(' ')
          .slice(0, 4)
          .filter((_, at) => at !== 1),
      ),
    ).toEqual([
      ['STATE', 'ALARM', 'WHY'],
      ['ALARM', 'podtime-local-blue', '(composite)'],
      ['ALARM', 'podtime-local-blue-client-adrift', 'for'],
      ['INSUFFICIENT_DATA', 'podtime-local-blue-client-coverage', 'for'],
      ['OK', 'podtime-local-blue-boundary-adrift', 'for'],
    ]);
    const listed = JSON.parse((await runVerb(pod, { ...asked, json: true })).join('\n'));
    expect(listed.map(({ state }: { state: string }) => state)).toEqual(['ALARM', 'ALARM', 'INSUFFICIENT_DATA', 'OK']);
  });
});

describe('status', () => {
  const answerOf = (pod: string) => ({
    pod,
    sentences: [
      `Time in pod ${pod} is not good: 1 of 2 boundary servers is wrong (1 adrift).`,
      `${directory.host('blue-client-a1').instanceId} (client, us-west-2a) is adrift: it is off.`,
    ],
    level: 'bad',
  });
  const run = (args: string[], json: boolean, terminal: { colours: boolean; columns: number | null } = PIPE) => {
    const pod = { directory, status: async (name: string) => answerOf(name) } as unknown as LocalPod;
    return runVerb(pod, { args, json, text: null, terminal });
  };

  it('says what podtime says, the verdict first and hosts by their names', async () => {
    expect(await run(['status', 'blue'], false)).toEqual([
      'Time in pod blue is not good: 1 of 2 boundary servers is wrong (1 adrift).',
      '- blue-client-a1 (client, us-west-2a) is adrift: it is off.',
    ]);
    expect((await run(['status'], false)).filter((line) => line.startsWith('Time in pod'))).toHaveLength(2);
  });

  it('goes on several lines of a terminal, the verdict in colour', async () => {
    const lines = await run(['status', 'blue'], false, { colours: true, columns: 60 });
    expect(lines).toEqual([
      '\u001b[31m\u001b[1mTime in pod blue is not good: 1 of 2 boundary servers is\u001b[22m\u001b[39m',
      '\u001b[31m\u001b[1mwrong (1 adrift).\u001b[22m\u001b[39m',
      '- blue-client-a1 (client, us-west-2a) is adrift: it is off.',
    ]);
  });

  it('answers programs with podtime’s answer as it is', async () => {
    expect(JSON.parse((await run(['status', 'blue'], true)).join('\n'))).toEqual(answerOf('blue'));
    expect(JSON.parse((await run(['status'], true)).join('\n'))).toEqual(['blue', 'green'].map(answerOf));
  });
});

describe('a name with a slip of the hand', () => {
  it.each([
    [['hold', 'blue-cleint-a1'], ' Did you mean blue-client-a1? '],
    [['drift', 'time-servcie', '3s'], ' Did you mean time-service? '],
    [['cut', 'client-a1'], ' Did you mean blue-client-a1 or green-client-a1? '],
    [['mode', 'blue', 'hodl'], ' Did you mean hold? '],
    [['replace', 'az-b', 'gren'], ' Did you mean green? '],
  ])('%j is told what was meant', async (args, question) => {
    await expect(verb(...args)).rejects.toThrow(question);
  });
});
