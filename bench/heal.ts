/**
 * `npm run bench:heal`: how long clients stay with a boundary server that was replaced, with podtime and without, at the
 * daemons' default poll interval. Linux, root, ntpsec and chrony. `HEAL_MINUTES` (40) bounds the run; writes docs/benchmarks.md, and
 * the figures of the README.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { NEWER_PROGRAMS } from '../packages/lab/src/real/newer-daemons.ts';
import { PROJECT } from '../packages/lab/test/real-pod/product.ts';
import { type Launch, RealPod } from '../packages/lab/test/real-pod/real-pod.ts';
import {
  COOL_DOWN_SECONDS,
  clientsOf,
  HEAL_FLEET,
  PODS,
  type PodPlan,
  REFRESH,
  serversOf,
  spareOf,
  WHY_NO_REFRESH,
} from './heal-pods.ts';
import { type Case, FIGURE_MARKS, type HealResult, healFigures, healSection, withSection } from './heal-table.ts';
import { confidentNow, cycledSince, listenAt, resolves } from './heal-watch.ts';

const minutes = Number(process.env.HEAL_MINUTES ?? 40);
if (!(minutes >= 12 && minutes <= 240)) {
  console.error(
    `HEAL_MINUTES=${process.env.HEAL_MINUTES}: it must be a number from 12 to 240; servers alone need eight to be confident.`,
  );
  process.exit(2);
}

const NEWER_NAME = basename(NEWER_PROGRAMS.chronyd);
const startedMs = Date.now();
const endMs = startedMs + minutes * 60_000;
/** The rest of the run must be long enough to see something heal. */
const READY_BY_MS = startedMs + Math.min(minutes * 0.5, 14) * 60_000;
const say = (line: string) =>
  console.log(`${String(Math.round((Date.now() - startedMs) / 1000)).padStart(5)} s  ${line}`);
const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const secondsSince = (ms: number) => (Date.now() - ms) / 1000;

/** Each step's failure costs only its host. */
async function each<T>(items: readonly T[], step: (item: T) => Promise<unknown>): Promise<void> {
  for (const item of items) await step(item);
}

async function waitUntil(
  what: string,
  deadlineMs: number,
  holds: () => Promise<boolean>,
  everySeconds = 2,
): Promise<boolean> {
  for (;;) {
    if (await holds()) return true;
    if (Date.now() > deadlineMs) {
      say(`gave up waiting: ${what}`);
      return false;
    }
    await pause(everySeconds);
  }
}

async function main(pod: RealPod): Promise<HealResult> {
  const launchedMs = new Map<string, number>();
  const launch = async (host: Launch) => {
    launchedMs.set(host.id, Date.now());
    await pod.launch(host);
  };
  pod.endpoint.startSchedules();
  await each(PODS.flatMap(serversOf), launch);
  say('boundary servers are launched');
  // of what runs already only EC2 does not know yet
  await each(PODS.map(spareOf), async (host) => {
    launchedMs.set(host.id, Date.now());
    await pod.add(host);
  });
  const published = ({ name, zone }: PodPlan) =>
    ['b', 'c'].every((letter) => pod.served(name, `ntp.az-${letter}.${zone}`).length === 2);
  await waitUntil('records of all boundary servers', Date.now() + 240_000, async () => PODS.every(published));
  await each(PODS.flatMap(clientsOf), launch);
  say(`${PODS.flatMap(clientsOf).length} clients are launched`);
  const clientsMs = Date.now();

  const confident = new Map<string, number>();
  const servers = PODS.flatMap((plan) => [...serversOf(plan), spareOf(plan)]);
  await waitUntil(
    'all boundary servers confident',
    READY_BY_MS,
    async () => {
      for (const { id, pod: podName } of servers) {
        const ageMs = Date.now() - (launchedMs.get(id) as number);
        if (confident.has(id) || ageMs < 300_000) continue;
        if (await confidentNow(pod, podName, id)) {
          confident.set(id, (Date.now() - (launchedMs.get(id) as number)) / 1000);
          say(`${id} is confident`);
        }
      }
      return confident.size === servers.length;
    },
    5,
  );
  await waitUntil(
    'clients older than the cool-down',
    READY_BY_MS,
    async () => secondsSince(clientsMs) > COOL_DOWN_SECONDS + 20,
  );

  const healedMs = new Map<string, number>();
  const ears = PODS.map((plan) =>
    listenAt(pod, spareOf(plan).id, clientsOf(plan), (id, atMs) => healedMs.has(id) || healedMs.set(id, atMs)),
  );
  await pause(2);
  const replacedMs = Date.now();
  await each(PODS, async (plan) => {
    const [old] = serversOf(plan) as [Launch, Launch];
    await pod.terminate(old.id);
    pod.tell('run', spareOf(plan));
  });
  say('the old servers are gone, the new ones are launched');
  const zeroMs = new Map<string, number>();
  await waitUntil(
    'the new servers can be resolved',
    Date.now() + 240_000,
    async () => {
      for (const plan of PODS) {
        if (!zeroMs.has(plan.name) && (await resolves(pod, plan))) {
          zeroMs.set(plan.name, Date.now());
          say(`${plan.name}: the new server can be resolved`);
        }
      }
      return zeroMs.size === PODS.length;
    },
    1,
  );
  const clients = PODS.flatMap((plan) => clientsOf(plan));
  let reported = 0;
  await waitUntil('every client healed', endMs, async () => {
    if (healedMs.size !== reported)
      say(`${healedMs.size} of ${clients.length} clients were answered by the new servers`);
    reported = healedMs.size;
    return healedMs.size === clients.length;
  });
  for (const ear of ears) ear.stop();
  for (const { name } of PODS) for (const fault of pod.report(name)?.faults ?? []) say(`${name}: ${fault}`);

  const boundSeconds = secondsSince(Math.max(...PODS.map(({ name }) => zeroMs.get(name) ?? Date.now())));
  const cases = casesOf({ healedMs, zeroMs, cycled: cycledSince(pod, replacedMs) });
  return {
    cases,
    boundSeconds,
    confident: servers.map(({ id, daemon }) => ({ daemon, seconds: confident.get(id) ?? null })),
    minutes,
    versions: ['ntpd', 'chronyd', ...(WHY_NO_REFRESH === null ? [NEWER_PROGRAMS.chronyd] : [])].map((program) => {
      const { stdout, stderr } = spawnSync(program, ['--version'], { encoding: 'utf8' });
      return `${basename(program)} ${/ntpsec-[\d.]+|version ([\d.]+)/.exec(stdout || stderr)?.[0] ?? ''}`;
    }),
    settings: [
      WHY_NO_REFRESH === null
        ? `chrony with \`refresh\` is ${NEWER_NAME} on the file that podtime serves to it: it asks DNS again for one source every ` +
          `${REFRESH.everySeconds} s, so for all of them within ${REFRESH.allSeconds} s. podtime gives it that long before it cycles it, unless fewer than two ` +
          'usable sources are left to it. Whose turn comes when is chance, and the first answer comes with the poll after it; a source that missed eight polls is looked up at once, as without `refresh`.'
        : `No chrony with \`refresh\`: ${WHY_NO_REFRESH}.`,
      'The clients that are "alone" are tagged `ntp-hold`: podtime keeps their DNS and never touches them.',
      'podtime: waves of the whole tier, so that nobody waits for another, and a cool-down of ' +
        `${COOL_DOWN_SECONDS} s instead of 600 s, so that the clients need not be ten minutes old; all else as by default, a run every minute.`,
      'Route 53 takes 30 to 60 s to bring a change into sync, the records have a TTL of 30 s, and a missing name is remembered for 30 s.',
    ],
    date: new Date().toISOString().slice(0, 10),
  };
}

/** What each pod's clients did, by their daemon: when they were answered, from when the new server could be resolved, and who was cycled. */
function casesOf(seen: {
  healedMs: ReadonlyMap<string, number>;
  zeroMs: ReadonlyMap<string, number>;
  cycled: ReadonlySet<string>;
}): Case[] {
  const kinds = [
    { daemon: 'ntpsec', refreshes: false },
    { daemon: 'chrony', refreshes: false },
    { daemon: 'chrony', refreshes: true },
  ] as const;
  return PODS.flatMap((plan) => {
    const fromMs = seen.zeroMs.get(plan.name) ?? Date.now();
    return kinds.map(({ daemon, refreshes }): Case => {
      const clients = clientsOf(plan).filter(
        (client) => client.daemon === daemon && (client.newer ?? false) === refreshes,
      );
      const runs = clients.map(({ id, name }) => {
        const atMs = seen.healedMs.get(id);
        const healedSeconds = atMs === undefined ? null : Math.max(0, (atMs - fromMs) / 1000);
        return { client: name ?? id, healedSeconds, cycled: seen.cycled.has(id) };
      });
      return { daemon, refreshes, association: plan.association, podtime: plan.watched, runs };
    });
  }).filter(({ runs }) => runs.length > 0);
}

const pod = await RealPod.start({ fleet: HEAL_FLEET, print: (line) => say(line) });
let closing: Promise<void> | null = null;
const close = () => {
  closing ??= pod.close();
  return closing;
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => close().then(() => process.exit(130)));
try {
  const result = await main(pod);
  const page = join(PROJECT, 'docs', 'benchmarks.md');
  const section = healSection(result);
  const before = existsSync(page) ? readFileSync(page, 'utf8') : '# Benchmarks\n';
  writeFileSync(page, withSection(before, section));
  const readme = join(PROJECT, 'README.md');
  writeFileSync(readme, withSection(readFileSync(readme, 'utf8'), healFigures(result), FIGURE_MARKS));
  console.log(`\n${section}`);
} finally {
  await close();
}
process.exit(0);
