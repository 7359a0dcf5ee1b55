import { TAGS } from '../../../../../src/fleet/fleet.ts';
import type { InventoryHost } from '../inventory.ts';
import type { LocalPod } from '../pod.ts';
import type { Cell, Shown, Tone } from './screen.ts';

/** A host as it is listed: what podtime says of it beside the truth. */
interface ListedHost extends InventoryHost {
  held: boolean;
  /** Of a simulated host the truth, of a real one what its daemon says; null: nothing is known. */
  truth: { clockErrorMs: number | null; sentence: string };
  /** By its last tick; null: it has not looked at this host yet. */
  podtime: { state: string; sentence: string; confident: boolean; stale: boolean } | null;
}

export async function hosts(pod: LocalPod, [name]: string[]): Promise<Shown> {
  const inPod = name === undefined ? null : pod.directory.pod(name).name;
  const listed = await listedHosts(pod, inPod);
  const rows = listed.map((host): Cell[] => [
    { text: host.name },
    verdictOf(host),
    { text: host.truth.clockErrorMs === null ? '' : `${host.truth.clockErrorMs.toFixed(3)} ms` },
    { text: host.truth.sentence },
    { text: host.daemon },
    { text: host.ipv4 },
    { text: host.instanceId },
    { text: whyOf(host) },
  ]);
  const headings = ['HOST', 'PODTIME SAYS', 'TRUE ERROR', 'IN TRUTH', 'DAEMON', 'ADDRESS', 'INSTANCE'];
  return {
    json: listed,
    lines(screen) {
      // one line a host for programs; for people the reason stands below
      if (!screen.isTerminal) return screen.table([...headings, 'WHY'], rows);
      const [heading = '', ...lines] = screen.table(
        headings,
        rows.map((row) => row.slice(0, -1)),
      );
      const whys = listed.map((host) => (whyOf(host) === '' ? [] : screen.item('    ', whyOf(host), 'quiet')));
      return [heading, ...lines.flatMap((line, index) => [line, ...(whys[index] ?? [])])];
    },
  };
}

async function listedHosts(pod: LocalPod, inPod: string | null): Promise<ListedHost[]> {
  const lines = new Map((await pod.backend.list()).map((line) => [line.id, line]));
  const all = pod.directory.hosts().filter((host) => inPod === null || host.pod === inPod);
  const pods = [...new Set(all.map((host) => host.pod))];
  const seen = new Map(pods.flatMap((each) => pod.report(each)?.hosts ?? []).map((row) => [row.instanceId, row]));
  return all.map((host) => {
    const { clockErrorMs = null, sentence = '' } = lines.get(host.instanceId) ?? {};
    const row = seen.get(host.instanceId);
    return {
      ...host,
      held: isHeld(pod, host),
      truth: { clockErrorMs, sentence },
      podtime: row
        ? { state: row.state, sentence: sentenceOf(row), confident: row.confident, stale: row.stale !== null }
        : null,
    };
  });
}

function sentenceOf({ sentence, stale }: { sentence: string; stale: { sentence: string } | null }): string {
  return [sentence, ...(stale === null ? [] : [`stale: ${stale.sentence}`])].join(' ');
}

const BAD = ['contradicted', 'adrift', 'unsynchronised', 'no-daemon', 'holdover'];

function verdictOf({ podtime, held }: ListedHost): Cell {
  const text = [podtime?.state ?? 'not seen yet', podtime?.stale ? 'stale' : '', held ? 'held' : ''];
  return { text: text.filter(Boolean).join(', '), tone: toneOf(podtime) };
}

function toneOf(podtime: ListedHost['podtime']): Tone {
  if (podtime === null) return 'quiet';
  if (BAD.includes(podtime.state)) return 'bad';
  return podtime.state === 'healthy' && !podtime.stale ? 'good' : 'doubtful';
}

function whyOf({ podtime }: ListedHost): string {
  return podtime === null || (podtime.state === 'healthy' && !podtime.stale) ? '' : podtime.sentence;
}

export function isHeld(pod: LocalPod, { instanceId }: InventoryHost): boolean {
  return Object.hasOwn(pod.endpoint.instances.find(instanceId)?.tags ?? {}, TAGS.hold);
}
