import { TAGS } from '../../../../src/fleet/fleet.ts';
import { PodError } from './host-directory.ts';
import type { InventoryHost } from './inventory.ts';
import type { LocalPod } from './pod.ts';

interface Verb {
  usage: string;
  meaning: string;
  /** Answers lines to be shown. Throws PodError for what cannot be. `text`: of the file that the words name. */
  run(pod: LocalPod, args: string[], text: string | null): string[] | Promise<string[]>;
}

/** What `npm run pod -- …` can do. */
export const VERBS: Record<string, Verb> = {
  hosts: { usage: 'hosts', meaning: 'lists the hosts and the truth about their clocks', run: hosts },
  records: { usage: 'records', meaning: 'lists the DNS records of the time servers', run: records },
  metrics: { usage: 'metrics [NAME]', meaning: 'lists the newest minute of each metric', run: metrics },
  alarms: {
    usage: 'alarms [POD]',
    meaning: 'lists the alarms of the packaged template and how they stand',
    run: alarms,
  },
  replace: {
    usage: 'replace AZ [POD]',
    meaning: "puts a new server, under a new address, in the AZ's boundary server's place",
    run: replace,
  },
  drift: {
    usage: 'drift HOST|SERVER 80ms',
    meaning: "holds a host's clock, or that of a server outside, so far ahead of true time (-80ms: behind)",
    run: drift,
  },
  cut: {
    usage: 'cut AZ|HOST|SERVER [POD]',
    meaning: 'cuts an AZ, a host or a server outside off from all NTP but the AWS time service',
    run: cut,
  },
  stop: { usage: 'stop HOST', meaning: "stops a host's time daemon", run: stop },
  mute: { usage: 'mute HOST', meaning: "kills a host's SSM agent", run: mute },
  hold: {
    usage: 'hold HOST',
    meaning: 'tags a host ntp-hold: podtime looks and never touches it, until it is mended',
    run: hold,
  },
  play: { usage: 'play HOST FILE', meaning: 'makes a host answer with a captured output of its query tool', run: play },
  mend: {
    usage: 'mend [HOST|AZ|SERVER] [POD]',
    meaning: 'mends everything, or one, and lets go of held hosts',
    run: mend,
  },
  mode: { usage: 'mode POD observe|act|hold', meaning: 'sets what podtime may do in a pod', run: mode },
  tick: { usage: 'tick [POD]', meaning: 'runs a whole tick now', run: tick },
};

/** What stands for the names in the verbs' usage. */
const NAMES = [
  'HOST    a name or an instance id that `hosts` lists',
  'SERVER  time-service, or an upstream by its name in the fleet file, such as us-west-2b.stratum-2.invalid',
  'AZ      us-west-2a, az-a or a, of the first pod unless POD names another',
];

const MODES = ['observe', 'act', 'hold'];

/** Runs one verb. Throws PodError with a sentence for a verb or an argument that is not known. */
export async function runVerb(
  pod: LocalPod,
  [name = '', ...args]: string[],
  text: string | null = null,
): Promise<string[]> {
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (!verb) throw new PodError(`${name === '' ? 'The verb is missing.' : `There is no verb '${name}'.`}\n${usage()}`);
  return verb.run(pod, args, text);
}

export function usage(): string {
  const all = Object.values(VERBS);
  const width = Math.max(...all.map((verb) => verb.usage.length));
  return [
    'Usage: npm run pod -- VERB …',
    ...all.map((verb) => `  ${verb.usage.padEnd(width)}  ${verb.meaning}`),
    ...NAMES,
  ].join('\n');
}

function wanted(args: string[], verb: string, most: number, least = most): string[] {
  if (args.length >= least && args.length <= most) return args;
  throw new PodError(`Usage: npm run pod -- ${VERBS[verb]?.usage}`);
}

function table(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

async function hosts(pod: LocalPod, args: string[]): Promise<string[]> {
  wanted(args, 'hosts', 0);
  const lines = new Map((await pod.backend.list()).map((line) => [line.id, line]));
  const rows = pod.directory.hosts().map((entry) => {
    const line = lines.get(entry.instanceId);
    const error = line && line.clockErrorMs !== null ? `${line.clockErrorMs.toFixed(3)} ms` : '';
    const state = [line?.sentence ?? '', isHeld(pod, entry) ? `held (tag ${TAGS.hold})` : '']
      .filter(Boolean)
      .join(', ');
    return [entry.name, entry.instanceId, entry.daemon, entry.ipv4, error, state];
  });
  return table([['HOST', 'INSTANCE', 'DAEMON', 'ADDRESS', 'CLOCK ERROR', 'STATE'], ...rows]);
}

function records(pod: LocalPod, args: string[]): string[] {
  wanted(args, 'records', 0);
  const rows = pod.endpoint
    .records()
    .filter((record) => record.type === 'A' || record.type === 'AAAA')
    .map((record) => [
      record.name.replace(/\.$/, ''),
      record.type,
      record.values.join(', '),
      String(record.ttlSeconds),
      record.setIdentifier === null ? '-' : pod.directory.nameOf(record.setIdentifier),
      record.served ? 'in sync' : 'pending',
    ]);
  return table([['NAME', 'TYPE', 'ADDRESS', 'TTL', 'OWNER', 'STATE'], ...rows]);
}

function metrics(pod: LocalPod, args: string[]): string[] {
  const [name] = wanted(args, 'metrics', 1, 0);
  const known = pod.endpoint.metrics();
  const shown = known.filter((metric) => name === undefined || metric.name === name);
  if (name !== undefined && shown.length === 0) {
    const names = [...new Set(known.map((metric) => metric.name))].sort().join(', ');
    throw new PodError(`There is no metric ${name}. ${names ? `There are ${names}.` : 'None has been published yet.'}`);
  }
  const number = (value: number | null) => (value === null ? '-' : String(Number(value.toFixed(3))));
  const rows = shown.map((metric) => [
    metric.name,
    Object.values(metric.dimensions).join('/'),
    String(metric.sampleCount),
    number(metric.minimum),
    number(metric.p50),
    number(metric.p99),
    number(metric.maximum),
    metric.unit,
  ]);
  return table([['METRIC', 'POD/TIER/AZ', 'SAMPLES', 'MIN', 'P50', 'P99', 'MAX', 'UNIT'], ...rows]);
}

function alarms(pod: LocalPod, args: string[]): string[] {
  const [name] = wanted(args, 'alarms', 1, 0);
  const prefix = name === undefined ? '' : `podtime-local-${pod.directory.pod(name).name}`;
  const rows = pod.endpoint
    .alarms()
    .filter((alarm) => alarm.name === prefix || alarm.name.startsWith(prefix === '' ? '' : `${prefix}-`))
    .map((alarm) => [
      alarm.state,
      new Date(alarm.sinceMs).toTimeString().slice(0, 8),
      alarm.composite ? `${alarm.name} (composite)` : alarm.name,
      alarm.reason,
    ]);
  return table([['STATE', 'SINCE', 'ALARM', 'WHY'], ...rows]);
}

function replace(pod: LocalPod, args: string[]): string[] {
  const [az = '', name] = wanted(args, 'replace', 2, 1);
  const inPod = name === undefined ? pod.directory.firstPod : pod.directory.pod(name);
  const { gone, come } = pod.replace(inPod, pod.directory.az(inPod, az));
  return [`${gone.name} (${gone.ipv4}) is terminated; ${come.name} (${come.ipv4}) boots in its place.`];
}

/** Any limit of podtime is passed long before; ntpd itself gives up at 1,000 s (its panic threshold). */
const MOST_DRIFT_MS = 3_600_000;

async function drift(pod: LocalPod, args: string[]): Promise<string[]> {
  const [name = '', by = ''] = wanted(args, 'drift', 2);
  const { id, label } = pod.directory.hostOrServer(name);
  const read = /^([+-]?\d+(?:\.\d+)?)(ms|s|us)$/.exec(by);
  if (!read) throw new PodError(`'${by}' is no time. Write it like 80ms, -2.5s or 300us.`);
  const milliseconds = Number(read[1]) * { s: 1000, ms: 1, us: 0.001 }[read[2] as 's' | 'ms' | 'us'];
  if (Math.abs(milliseconds) > MOST_DRIFT_MS) {
    throw new PodError(`'${by}' is too much: a clock is held ${MOST_DRIFT_MS / 1000} s (an hour) off at most.`);
  }
  await pod.backend.drift(id, milliseconds);
  return [`The clock of ${label} is held ${milliseconds} ms off.`];
}

async function cut(pod: LocalPod, args: string[]): Promise<string[]> {
  const [what = '', name] = wanted(args, 'cut', 2, 1);
  const { id, label } = pod.directory.target(what, name);
  await pod.backend.cut(id);
  return [`${label} is cut off.`];
}

async function mend(pod: LocalPod, args: string[]): Promise<string[]> {
  const [what, name] = wanted(args, 'mend', 2, 0);
  const mended = what === undefined ? null : pod.directory.target(what, name);
  const held = pod.directory
    .hosts()
    .filter((host) => (mended === null || host.instanceId === mended.id) && isHeld(pod, host));
  for (const { instanceId } of held) pod.endpoint.instances.tag(instanceId, { [TAGS.hold]: null });
  await pod.backend.mend(mended?.id);
  return [`${mended?.label ?? 'Everything'} is mended.`, ...held.map((host) => `${host.name} is no longer held.`)];
}

function isHeld(pod: LocalPod, { instanceId }: InventoryHost): boolean {
  return Object.hasOwn(pod.endpoint.instances.find(instanceId)?.tags ?? {}, TAGS.hold);
}

function hostNamed(pod: LocalPod, args: string[], verb: string): InventoryHost {
  const [name = ''] = wanted(args, verb, 1);
  return pod.directory.host(name);
}

async function stop(pod: LocalPod, args: string[]): Promise<string[]> {
  const host = hostNamed(pod, args, 'stop');
  await pod.backend.stopDaemon(host.instanceId);
  return [`The ${host.daemon} of ${host.name} is stopped.`];
}

function mute(pod: LocalPod, args: string[]): string[] {
  const host = hostNamed(pod, args, 'mute');
  pod.backend.killAgent(host.instanceId);
  return [`The SSM agent of ${host.name} is dead.`];
}

function hold(pod: LocalPod, args: string[]): string[] {
  const host = hostNamed(pod, args, 'hold');
  pod.endpoint.instances.tag(host.instanceId, { [TAGS.hold]: 'by hand' });
  return [`${host.name} is held: podtime looks and never touches it. To let it go: npm run pod -- mend ${host.name}`];
}

function play(pod: LocalPod, args: string[], text: string | null): string[] {
  const [name = '', file = ''] = wanted(args, 'play', 2);
  const host = pod.directory.host(name);
  if (text === null) throw new PodError(`What stands in ${file} was not sent.`);
  try {
    pod.backend.play(host.instanceId, text);
  } catch (error) {
    if (error instanceof RangeError) throw new PodError(`${error.message}.`);
    throw error;
  }
  return [`${host.name} answers with ${file} until it is mended.`];
}

function mode(pod: LocalPod, args: string[]): string[] {
  const [name = '', wish = ''] = wanted(args, 'mode', 2);
  const inPod = pod.directory.pod(name);
  if (!MODES.includes(wish)) throw new PodError(`There is no mode ${wish}. The modes are ${MODES.join(', ')}.`);
  pod.setMode(inPod.name, wish);
  return [`Pod ${inPod.name} is in mode ${wish}.`];
}

async function tick(pod: LocalPod, args: string[]): Promise<string[]> {
  const [name] = wanted(args, 'tick', 1, 0);
  const inPod = name === undefined ? pod.directory.firstPod : pod.directory.pod(name);
  return pod.tick(inPod.name);
}
