import { DEAD_STATES, FINAL_STATES, type Fleet, type Host, type Pod } from '../fleet/fleet.ts';
import { fewOf, gatheredSentences } from '../fleet/gathering.ts';
import { type Mode, planInstanceEvent, type RegistrationPlan } from '../plan/plan.ts';
import { messageOf } from './errors.ts';
import {
  boundedAnswer,
  carryOut,
  type MembershipAnswer,
  type MembershipRun,
  readStanding,
  withdrawnOf,
} from './membership.ts';
import { orFault } from './observe.ts';

/** EC2's word that an instance changed its state. */
export interface InstanceEvent {
  /** Whoever handed it over knows it by this: what could not be done is named by it. */
  eventId: string;
  instanceId: string;
  state: string;
  /** Epoch ms. */
  atMs: number;
}

export interface FollowedInstances extends MembershipAnswer {
  /** Events of which something is left undone: they are to come again. */
  failed: string[];
}

/** All events about one instance: the one that counts, and what they are all known by. */
interface News {
  event: InstanceEvent;
  eventIds: string[];
}

const NO_EVENT = 'EC2 reported no change of an instance: nothing is to be done.';

type FollowRun = MembershipRun & { fleet: Fleet };

/**
 * Instances changed their state: registers or withdraws what is theirs, in the pods that they belong to. EC2 is asked once, for
 * the boundary servers of all pods, and a zone, a mode and a state are read where an event is about one of them.
 *
 * | among the boundary servers | state | looked at |
 * | -------------------------- | ----- | --------- |
 * | yes                        | any   | its pod |
 * | no                         | running, pending | none: a client, nobody's, or tagged too late, which the watchdog sees |
 * | no                         | another | the zone of each pod: the set identifier of a record shows whose it was |
 * | EC2 does not say           | final | the same |
 * | EC2 does not say           | another | none: no answer is no news, and the event is to come again |
 *
 * What cannot be read or changed fails the events that it is about and costs the others nothing; so does a mode that cannot be read, where
 * another than `observe` would change something. A boundary server that is left out, as for its AZ, is said. Throws when EC2 says nothing
 * at all. Decision 0067.
 */
export async function followInstances(run: FollowRun, events: readonly InstanceEvent[]): Promise<FollowedInstances> {
  const { fleet, ports } = run;
  if (events.length === 0) return { sentences: [NO_EVENT], changes: [], refusals: [], failed: [] };
  const news = newsOf(events);
  const unplaced = news.map(({ event: { instanceId } }) => ({ instanceId, az: '' }));
  // one pod's state that cannot be read costs no other pod its events
  const unreadStates: string[] = [];
  const servers = await ports.instances.serversOf(fleet.pods, async () => {
    const read = await Promise.all(fleet.pods.map((pod) => orFault(withdrawnOf(ports, pod), unreadStates)));
    const known = read.flatMap((each) => each?.known ?? []);
    return [...known, ...unplaced.filter((each) => !known.some(({ instanceId }) => instanceId === each.instanceId))];
  });
  const hosts = new Map(servers.hosts.map((host) => [host.instanceId, host]));
  const failures = new Failures();
  const gone: News[] = [];
  const byPod = new Map<string, News[]>();
  for (const each of news) {
    const { instanceId, state } = each.event;
    const host = hosts.get(instanceId);
    if (host) byPod.set(host.pod, [...(byPod.get(host.pod) ?? []), each]);
    else if (servers.unread.includes(instanceId) && !FINAL_STATES.includes(state)) {
      failures.add(each, ['EC2 does not describe it.', ...servers.faults].join(' '));
    } else if (DEAD_STATES.includes(state)) gone.push(each);
  }
  const asked = fleet.pods.filter(({ name }) => byPod.has(name) || gone.length > 0);
  const answers = await Promise.all(
    asked.map((pod) => followInPod(run, pod, hosts, { listed: byPod.get(pod.name) ?? [], gone }, failures)),
  );
  const reported = new Set(news.map(({ event }) => event.instanceId));
  const leftOut = gatheredSentences(servers.refused.filter(({ subject }) => reported.has(subject)));
  const faults = [...servers.faults, ...unreadStates, ...leftOut, ...failures.sentences()];
  return boundedAnswer(answerOf(news, faults, answers, [...failures.eventIds]));
}

/** One of each instance: its end if any tells of it, for that is final, else the newest. EC2 as it stands is believed before both. */
function newsOf(events: readonly InstanceEvent[]): News[] {
  const byInstance = new Map<string, InstanceEvent[]>();
  for (const event of events) byInstance.set(event.instanceId, [...(byInstance.get(event.instanceId) ?? []), event]);
  return [...byInstance.values()].map((about) => {
    const ends = about.filter(({ state }) => FINAL_STATES.includes(state));
    const event = (ends.length > 0 ? ends : about).reduce((newest, each) => (each.atMs > newest.atMs ? each : newest));
    return { event, eventIds: about.map(({ eventId }) => eventId) };
  });
}

/** What came of the events about one pod. `gone`: whose they were, its records show. */
async function followInPod(
  run: FollowRun,
  pod: Pod,
  hosts: ReadonlyMap<string, Host>,
  { listed, gone }: { listed: News[]; gone: News[] },
  failures: Failures,
): Promise<MembershipAnswer | null> {
  let concerned = [...listed, ...gone];
  try {
    const records = await run.ports.zone.records(pod);
    const owners = new Set(records.map(({ setIdentifier }) => setIdentifier));
    concerned = [...listed, ...gone.filter(({ event }) => owners.has(event.instanceId))];
    if (concerned.length === 0) return null;
    const standing = await readStanding(run.ports, pod, Promise.resolve(records));
    const plan: RegistrationPlan = { changes: [], refusals: [] };
    for (const each of concerned) {
      const { event } = each;
      const host = hosts.get(event.instanceId) ?? null;
      const planIn = (mode: Mode) => planInstanceEvent({ pod, event, host, ...standing, mode });
      const { changes, refusals } = planIn(standing.mode);
      plan.changes.push(...changes);
      plan.refusals.push(...refusals);
      if (standing.unread && planIn('act').changes.length > 0) failures.add(each, null);
    }
    const answer = await carryOut(run, pod, plan, standing);
    const undone = answer.changes.filter(({ outcome }) => outcome.startsWith('failed'));
    for (const each of concerned) {
      const own = undone.filter(({ setIdentifier }) => setIdentifier === each.event.instanceId);
      if (own.length > 0) failures.add(each, null);
    }
    return answer;
  } catch (error) {
    for (const each of concerned) failures.add(each, `${messageOf(error)}.`);
    return null;
  }
}

/** Events of which something is left undone, and why. */
class Failures {
  readonly eventIds = new Set<string>();
  readonly #byCause = new Map<string, InstanceEvent[]>();

  /** `why` null: another sentence says it. */
  add({ event, eventIds }: News, why: string | null): void {
    for (const id of eventIds) this.eventIds.add(id);
    if (why !== null) this.#byCause.set(why, [...(this.#byCause.get(why) ?? []), event]);
  }

  /** One for each cause, however many events it costs. */
  sentences(): string[] {
    return [...this.#byCause].map(([why, [first, ...others]]) => {
      if (first && others.length === 0) return `EC2 reported ${first.instanceId} as ${first.state}: ${why}`;
      const ids = [first, ...others].map((event) => event?.instanceId ?? '');
      return `EC2 reported ${ids.length} instances (${fewOf(ids)}): ${why}`;
    });
  }
}

function answerOf(
  news: readonly News[],
  faults: string[],
  answered: readonly (MembershipAnswer | null)[],
  failed: string[],
): FollowedInstances {
  const answers = answered.filter((answer) => answer !== null);
  const sentences = [...faults, ...answers.flatMap((answer) => answer.sentences)];
  const [first, ...others] = news.map(({ event }) => event);
  const reported =
    others.length === 0
      ? `EC2 reported ${first?.instanceId} as ${first?.state}`
      : `EC2 reported ${news.length} instances`;
  return {
    sentences: sentences.length > 0 ? sentences : [`${reported}: nothing of podtime's changes.`],
    changes: answers.flatMap((answer) => answer.changes),
    refusals: answers.flatMap((answer) => answer.refusals),
    failed,
  };
}
