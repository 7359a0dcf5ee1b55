import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { faultsOf } from '../../../../test/handlers/openapi.ts';
import { controlPath } from '../../src/pod/client/ask.mjs';
import { answerIn } from '../../src/pod/serverless.ts';
import { type AlarmStory, tellAlarmStory } from './alarm-story.ts';
import { type Asked, held } from './call-api.ts';
import { askAuditorsQuestions } from './history-story.ts';
import { invokeLocal } from './invoke-local.ts';
import { OPERATOR_SETTINGS } from './operator-settings.ts';
import { GUARD_MS, lineOf, type Status, untilStatus } from './pod-status.ts';
import { instanceIdOf, type StartedPod, startPod } from './started-pod.ts';

// One pod, brought up as a user brings it up; the tests follow each other as its story does. What is waited for comes when it
// comes: no limit here but a guard against waiting for ever.
jest.setTimeout(GUARD_MS);

let pod: StartedPod;
let alarms: AlarmStory;
beforeAll(async () => {
  pod = await startPod([], OPERATOR_SETTINGS);
  alarms = tellAlarmStory(pod);
});
afterAll(async () => {
  await pod?.interrupt();
});

/** As `aws lambda invoke` does. */
async function invoke(name: string, payload: unknown) {
  const url = `http://127.0.0.1:${pod.lambdaPort}/2015-03-31/functions/podtime-local-${name}/invocations`;
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(payload) });
  const answer: ReturnType<typeof JSON.parse> = answerIn(await response.text());
  return answer;
}

const line = (pattern: RegExp, after = 0) => lineOf(pod, pattern, after);

const untilBlue = <T>(what: string, look: (status: Status) => T | null) => untilStatus(pod, 'blue', what, look);

describe('a pod that just booted', () => {
  it('serves each host its configuration, with an ETag that answers 304', async () => {
    const config = (path: string, asked: Asked = {}) =>
      held(pod, '/{pod}/{tier}/{az}/{file}', `/blue/client/${path}/ntp.conf`, asked);
    const { statusCode, headers, body } = await config('us-west-2b');
    expect({ statusCode, type: headers['content-type'] }).toEqual({
      statusCode: 200,
      type: 'text/plain; charset=utf-8',
    });
    expect(headers.etag).toMatch(/^"[0-9a-f]{16}"$/);
    expect(body).toContain(`# revision ${headers.etag?.slice(1, -1)}`);
    expect(body.match(/^server ntp\.az-.*$/gm)?.[0]).toBe('server ntp.az-b.pod iburst');
    expect((await config('az-b')).body).toBe(body);
    expect((await config('b', { headers: { 'If-None-Match': headers.etag ?? '' } })).statusCode).toBe(304);
    const asked = await config('b', { method: 'HEAD' });
    expect(asked.statusCode).toBe(200);
    expect(asked.headers['content-length']).toBe(String(Buffer.byteLength(body)));
  });

  it('serves the very bytes that the ETag names, as the gateway does of pages below its limit', async () => {
    const asked = { headers: { 'Accept-Encoding': 'gzip' } };
    const { headers, body } = await held(pod, '/{pod}/{tier}/{az}/{file}', '/blue/client/b/boot.sh', asked);
    expect([headers['content-encoding'], body.length > 2000]).toEqual([undefined, true]);
  });

  it('answers a wrong path with a sentence that lists the right ones', async () => {
    const wrong = async (resource: string, path: string) => {
      const { statusCode, headers, body } = await held(pod, resource, path);
      return [statusCode, headers['content-type'], JSON.parse(body).detail];
    };
    expect(await wrong('/{pod}/{tier}/{az}/{file}', '/blue/client/az-z/ntp.conf')).toEqual([
      404,
      'application/problem+json',
      expect.stringContaining('us-west-2a, us-west-2b, us-west-2c, us-west-2d, us-west-2e, us-west-2f, us-west-2g'),
    ]);
    expect(await wrong('/{pod}/status.json', '/red/status.json')).toEqual([
      404,
      'application/problem+json',
      expect.stringContaining('blue, green'),
    ]);
  });
});

describe('what cannot be', () => {
  // hosts come one after the other, on a busy machine within minutes
  beforeAll(() => line(/host +blue-client-a1 is up/));

  it.each([
    [
      ['drift', 'nobody', '80ms'],
      /^There is no host or server nobody\. The hosts are .*blue-client-a1.*time-service\.\n$/,
    ],
    [['drift', 'blue-client-a1', '80'], /^'80' is no time\. Write it like 80ms/],
    [['replace', 'az-a'], /^Pod blue has no boundary server in us-west-2a\. It has /],
    [['mode', 'blue', 'fast'], /^There is no mode fast\. The modes are observe, act, hold\./],
    [['mode', 'red', 'act'], /^There is no pod red\. The pods are blue, green\./],
    [['play', 'blue-client-a1', 'no-such-file'], /^no-such-file cannot be read: /],
    [['cut', 'az-z'], /^Pod blue has no AZ az-z\./],
    [['unhold', 'blue-cleint-a1'], /^There is no host blue-cleint-a1\. Did you mean blue-client-a1\? /],
  ])('%j gets a sentence', async (args, sentence) => {
    const { status: exit, stdout, stderr } = await pod.verb(...args);
    expect(stderr).toMatch(sentence);
    expect([exit, stdout]).toEqual([1, '']);
  });

  it('fails the command', async () => {
    const { status: exit, stdout, stderr } = await pod.command('replace', 'az-a');
    expect(stderr).toMatch(/^Pod blue has no boundary server in us-west-2a\. It has /);
    expect([exit, stdout]).toEqual([1, '']);
  });

  it('a taken port gets a sentence', () => {
    const env = { ...process.env, PORT: String(pod.port), AWS_PORT: '1' };
    const second = spawnSync(process.execPath, ['--import', 'tsx', 'packages/lab/src/pod/start.ts'], {
      env,
      encoding: 'utf8',
    });
    expect(second.stderr).toContain(`Port ${pod.port} is taken. Choose another: PORT=`);
    expect(second.status).toBe(1);
  });
});

describe('a pod that comes up', () => {
  it('registers its boundary servers in DNS', async () => {
    await line(/registered +ntp\.az-b\.pod A 10\.20\.2\.10 \(blue-boundary-b\)/);
    await line(/registered +ntp\.az-c\.pod AAAA 2001:db8:20::30b \(blue-boundary-c\)/);
    const { status: exit, stdout, stderr } = await pod.verb('records');
    expect([exit, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^ntp\.az-b\.pod +A +10\.20\.2\.10 +30 +blue-boundary-b/m);
  });

  it('collects from every host, and all become confident', async () => {
    await untilBlue('confidence of every boundary server', ({ summary, hosts }) => {
      const servers = hosts.filter((host) => host.tier === 'boundary');
      return summary.sampled === 14 && servers.every((host) => host.state === 'healthy') ? summary : null;
    });
    await line(/published +\d+ metrics in one request/);
    const { stdout } = await pod.verb('metrics', 'HostsExpected');
    expect(stdout).toMatch(/^HostsExpected +blue\/client( +\d+){4} +12 /m);
  });

  it('heals the daemons that looked the names up too early', async () => {
    const servers = [
      ['10.20.2.10', '2001:db8:20::20a'],
      ['10.20.3.11', '2001:db8:20::30b'],
    ];
    await untilBlue('a pod of which every client polls both servers', ({ summary, hosts }) => {
      const clients = hosts.filter((host) => host.tier === 'client');
      const joined = clients.every(({ polled }) =>
        servers.every((addresses) => addresses.some((address) => polled.includes(address))),
      );
      return clients.length === 12 && joined && summary.stale === 0 ? summary : null;
    });
  });

  it('has time that podtime calls good, with a bound, beside the truth about each clock', async () => {
    const isGood =
      /^Time in pod blue is good(?: on 14 of 14 hosts)?: (?:no clock|none of these) is wrong by more than ([\d.]+) ms \(limit 200 ms\)\./m;
    let status: Awaited<ReturnType<StartedPod['verb']>>;
    do {
      await untilBlue('a pod of which every host is confident', ({ summary }) => summary.confident === 14 || null);
      status = await pod.verb('status', 'blue');
      expect(status).toMatchObject({ status: 0, stderr: '' });
      // another tick may have come between
    } while (!isGood.test(status.stdout));
    const [, mostMs] = isGood.exec(status.stdout) ?? [];
    expect(status.stdout).toMatch(/^- Skew: no two clocks differ by more than /m);
    const { stdout } = await pod.verb('hosts', 'blue', '--json');
    const hosts: { truth: { clockErrorMs: number }; podtime: { state: string } }[] = JSON.parse(stdout);
    expect(hosts.filter(({ podtime }) => podtime.state === 'healthy').length).toBeGreaterThan(7);
    const errors = hosts.map(({ truth }) => Math.abs(truth.clockErrorMs));
    expect(Math.max(...errors)).toBeLessThan(Number(mostMs));
  });
});

/** A run of the schedule is a whole tick, or says why it is none. */
const SCHEDULED =
  /^(Pod blue, mode act: 14 hosts of 14 answered, |No tick of pod blue is due: the last began \d+ s ago )/;

describe('every sample event', () => {
  /** Of all the sample's answer, what only the right function says, and only when it did its work. */
  const tick = (dryRun: string) => [expect.stringMatching(`^Pod blue, mode act${dryRun}: 14 hosts of 14 answered, `)];
  const ANSWERS: Record<string, object> = {
    'collect.json': {
      pod: 'blue',
      summary: expect.objectContaining({ expected: 14, sampled: 14, unknown: 0 }),
      hosts: Array(14).fill(
        expect.objectContaining({ output: expect.stringMatching(/^podtime-collect 1\n.*\nend\n?$/s) }),
      ),
    },
    'config.json': { statusCode: 200, body: expect.stringContaining('\nserver ntp.az-b.pod iburst\n') },
    'cycle.json': {
      dryRun: true,
      sentences: expect.arrayContaining([
        ...tick(', dry run'),
        '2 of 2 hosts asked for are not cycled: DNS has not left them behind.',
      ]),
    },
    'history.fold.json': {
      sentences: [expect.stringMatching(/^\d+ hours? put in the order of hosts, \d+ days? into hours\.$/)],
    },
    'history.json': {
      pod: 'blue',
      sentences: expect.arrayContaining([expect.stringMatching(/^14:03: nothing is known of i-0a1b2c3d4e5f60718\. /)]),
    },
    'instances.json': { batchItemFailures: [] },
    'register.json': {
      statusCode: 200,
      body: expect.stringMatching(/^\{"pod":"blue",.*"changes":\[\],"refusals":\[\]/),
    },
    'status.by-hand.json': {
      pod: 'blue',
      level: expect.stringMatching(/^(good|attention)$/),
      sentences: expect.arrayContaining([expect.stringMatching(/^Time in pod blue is /), ...tick('')]),
      summary: expect.objectContaining({ expected: 14, sampled: 14, unknown: 0 }),
    },
    'status.json': { statusCode: 200, body: expect.stringMatching(/"Pod blue, mode act: 14 hosts of 14 answered, /) },
    'watchdog.dns-changed.json': { dryRun: false, sentences: expect.arrayContaining(tick('')) },
    'watchdog.json': { dryRun: true, sentences: expect.arrayContaining(tick(', dry run')) },
    'watchdog.retire.json': {
      dryRun: true,
      changes: [],
      sentences: expect.arrayContaining([
        expect.stringMatching(/^4 records stay: their owners live and would be registered again\./),
      ]),
    },
    'watchdog.schedule.json': { sentences: [expect.stringMatching(SCHEDULED)] },
    'widget.describe.json': expect.stringMatching(/^## podtime: [\s\S]*\npod: blue\n/),
    'widget.json': expect.stringMatching(/^<div [\s\S]*Time in pod blue is good[\s\S]*14 of 14 hosts answered/),
  };

  it('is one that is expected here', () => {
    expect(
      readdirSync('events')
        .filter((file) => file.endsWith('.json'))
        .sort(),
    ).toEqual(Object.keys(ANSWERS));
  });

  it.each(Object.keys(ANSWERS))('%s is answered by its function', async (file) => {
    const event = JSON.parse(readFileSync(`events/${file}`, 'utf8'));
    // of two ticks at once one gives way: one of the schedule's may be the other
    const gaveWay = ({ sentences }: { sentences?: string[] }) =>
      sentences?.some((sentence) => sentence.includes('gives way')) ?? false;
    let answer = await invoke(file.split('.')[0] ?? '', event);
    while (gaveWay(answer)) answer = await invoke(file.split('.')[0] ?? '', event);
    if (typeof answer === 'string') {
      expect(answer).toEqual(ANSWERS[file]);
      return;
    }
    expect(answer).not.toHaveProperty('errorMessage');
    expect(answer).not.toHaveProperty('refused');
    expect(answer).toMatchObject(ANSWERS[file] ?? {});
    if ('statusCode' in answer) expect(faultsOf(event, answer)).toEqual([]);
    if (!('sentences' in answer)) return;
    // what people read stands first, and is not said again in what programs read
    const { sentences, ...data } = answer as { sentences: string[] };
    // hours are folded of all pods
    const first = file === 'history.fold.json' ? ['sentences', 'folded'] : ['pod', 'sentences'];
    expect(Object.keys(answer).slice(0, 2)).toEqual(first);
    expect(sentences.filter((sentence) => JSON.stringify(data).includes(JSON.stringify(sentence)))).toEqual([]);
  });

  it('is run by sls invoke local as events/README.md has it', async () => {
    const { status, stdout, stderr } = await invokeLocal(pod);
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/'Time in pod blue is /);
    expect(stdout).toMatch(/'Pod blue, mode act: 14 hosts of 14 answered, /);
  });

  it('that is wrong is answered with all its faults, and without a stack', async () => {
    const response = await fetch(
      `http://127.0.0.1:${pod.lambdaPort}/2015-03-31/functions/podtime-local-cycle/invocations`,
      {
        method: 'POST',
        body: JSON.stringify({ pod: 'red', tier: 'servers', force: 'yes', shell: '$(reboot)' }),
      },
    );
    const answer = await response.text();
    expect(JSON.parse(answer).refused).toBe(true);
    for (const fault of ['blue, green', 'tier', 'force', 'shell']) expect(answer).toContain(fault);
    expect(answer).not.toMatch(/ at .*\.(ts|js|mjs):\d+/);
  });

  it('is taken on the port of AWS too, by a function that is named', async () => {
    const authorization = 'AWS4-HMAC-SHA256 Credential=A/20260101/us-west-2/lambda/aws4_request';
    const functions = `http://127.0.0.1:${pod.awsPort}/2015-03-31/functions`;
    const listed = await fetch(functions, { headers: { authorization } });
    const names = ((await listed.json()) as { Functions: { FunctionName: string }[] }).Functions;
    expect(names.map(({ FunctionName }) => FunctionName)).toContain('podtime-local-cycle');
    const body = JSON.stringify({ pod: 'red', tier: 'servers' });
    const asked = { method: 'POST', headers: { authorization }, body };
    const answer = await fetch(`${functions}/podtime-local-cycle/invocations`, asked);
    expect([answer.status, answer.headers.get('x-amz-executed-version')]).toEqual([200, '$LATEST']);
    expect(await answer.json()).toMatchObject({ refused: true });
  });
});

describe('a boundary server that is replaced under a new address', () => {
  it('leaves clients behind, whom podtime cycles until each polls the new one', async () => {
    const before = pod.lines.length;
    const { stdout } = await pod.verb('replace', 'az-b');
    expect(stdout).toBe(
      'blue-boundary-b (10.20.2.10) is terminated; blue-boundary-b-v2 (10.20.2.42) boots in its place.\n',
    );
    await line(/withdrawn +ntp\.az-b\.pod A 10\.20\.2\.10/, before);
    await line(/registered +ntp\.az-b\.pod A 10\.20\.2\.42/, before);
    await line(/ cycled +blue-client-[\w-]+: cycled (ntpd|ntpsec|chrony) /, before);
    await line(/ healed +blue-client-[\w-]+ polls what DNS says again$/, before);
    const gone = ['10.20.2.10', '2001:db8:20::20a'];
    const come = ['10.20.2.42', '2001:db8:20::22a'];
    await untilBlue('every client on the new server', ({ hosts }) => {
      const clients = hosts.filter((host) => host.tier === 'client');
      const follow = clients.every(
        ({ polled }) =>
          come.some((address) => polled.includes(address)) && !gone.some((address) => polled.includes(address)),
      );
      return clients.length === 12 && follow ? clients : null;
    });
    expect(pod.lines.slice(before).filter((line) => / cycled +green-/.test(line))).toEqual([]);
  });
});

describe('a clock that drifts, beside a dead daemon and dead agents', () => {
  it('raises the alarms of the packaged template', () => alarms.raised);

  it('leaves them OK again when all is mended', () => alarms.mended);
});

/** Of the daemon that blue-client-a1 runs. */
const CAPTURE = 'classic-4.2.8p6.settled-falseticker.pnw.txt';

describe('a captured output, in a folder below', () => {
  it('is what the host answers with, until it is mended', async () => {
    const play = spawnSync('npm', ['run', '--silent', 'pod', '--', 'play', 'blue-client-a1', CAPTURE], {
      cwd: 'packages/lab/test/fixtures',
      env: { ...process.env, AWS_PORT: String(pod.awsPort) },
      encoding: 'utf8',
    });
    expect([play.status, play.stderr]).toEqual([0, '']);
    expect(play.stdout).toBe(`blue-client-a1 answers with ${CAPTURE} until it is mended.\n`);
    const id = await instanceIdOf(pod, 'blue-client-a1');
    const collected = await invoke('collect', { pod: 'blue', instanceIds: [id] });
    const [, row = ''] = readFileSync(`packages/lab/test/fixtures/${CAPTURE}`, 'utf8').split('=\n');
    expect(collected.hosts[0].output).toContain(row);
    expect((await pod.verb('mend', 'blue-client-a1')).stdout).toBe('blue-client-a1 answers for itself again.\n');
  });
});

describe('what the pod has kept of its hosts', () => {
  it('answers what an auditor asks, in DuckDB', async () => {
    const answers = await askAuditorsQuestions(pod);
    expect([...answers.keys()]).toEqual([
      'worst-bound',
      'over-a-limit',
      'without-a-sample',
      'share-within-limits',
      'followers',
    ]);
    const shares = answers.get('share-within-limits') ?? [];
    expect(shares.map((share) => share.pod).toSorted()).toEqual(['blue', 'green']);
    for (const { share_sampled } of shares) expect(Number(share_sampled)).toBeGreaterThan(0);
    const followed = (answers.get('followers') ?? []).map(({ system_peer_name }) => system_peer_name);
    // a client follows the nearer: now the time service, now a server
    const named = expect.stringMatching(/^(ntp\.az-[bc]\.pod|the AWS time service)$/);
    expect(followed).toEqual(expect.arrayContaining([named]));
  });

  it('answers how a clock was, by its name', async () => {
    const { stdout } = await pod.verb('history', 'blue-client-a1');
    expect(stdout).toMatch(/^blue-client-a1, from \S+Z to \S+Z: \d+ samples?, offset at most /);
    expect(stdout).toContain('\nTIME (UTC) ');
  });
});

describe('Ctrl-C', () => {
  it('leaves nothing behind', async () => {
    expect(await pod.interrupt()).toBe(0);
    const listens = (port: number) =>
      new Promise<boolean>((resolve) => {
        const socket = createConnection(port, '127.0.0.1');
        socket.once('connect', () => resolve(true));
        socket.once('error', () => resolve(false));
      });
    expect(await Promise.all([pod.port, pod.awsPort, pod.lambdaPort].map(listens))).toEqual([false, false, false]);
    expect(existsSync(controlPath(pod.awsPort))).toBe(false);
    const { status: exit, stderr } = await pod.verb('hosts');
    expect([exit, stderr]).toEqual([
      1,
      `No pod runs with AWS port ${pod.awsPort}, or it is not up yet. To start one: npm start\n`,
    ]);
  });
});
