import { revisionReader } from '../../src/config/revision.ts';
import { clockJudge, judgeFollowing, rememberedOf } from '../../src/diagnosis/judge.ts';
import type { Judgement, Sighting } from '../../src/diagnosis/judgement.ts';
import { podClocksOf } from '../../src/diagnosis/pod-clocks.ts';
import type { Skew } from '../../src/diagnosis/skew.ts';
import type { Host } from '../../src/fleet/fleet.ts';
import { isAroundLeap } from '../../src/fleet/leap-seconds.ts';
import type { PublishedRecord } from '../../src/fleet/records.ts';
import { parseCollected } from '../../src/host/collect.ts';
import type { Collected } from '../../src/host/collected.ts';
import type { CycleRequest, Memory, Mode } from '../../src/plan/plan.ts';
import type { Ec2 } from './ec2.ts';
import { printed } from './printed.ts';
import type { Random } from './random.ts';
import type { Stored } from './state-store.ts';
import { orNull, type Weather } from './weather.ts';
import type { World } from './world.ts';

/** Of so many answers the text is printed and read, as on AWS; the others are handed over as read. */
const THROUGH_TEXT_SHARE = 0.02;

/** What one run saw of the pod. */
export interface Observation {
  tickId: string;
  startedAtMs: number;
  /** False: S3 does not take what is written. */
  isClaimed: boolean;
  mode: Mode;
  hosts: Host[];
  unread: string[];
  unknownIds: string[];
  ownerStates: Record<string, string>;
  records: PublishedRecord[] | null;
  last: Stored | null;
  isLastRead: boolean;
  request: CycleRequest | null;
}

/** What the product sees of the modelled AWS, and how it judges what hosts answer. */
export class Observer {
  readonly revisionOf: ReturnType<typeof revisionReader>;

  constructor(
    private readonly world: World,
    private readonly weather: Weather,
    private readonly ec2: Ec2,
    private readonly random: Random,
  ) {
    const { fleet, pod } = world.setting;
    this.revisionOf = revisionReader(fleet, pod);
  }

  /** null: EC2 says nothing of any host. */
  observe(tickId: string, request: CycleRequest | null, last: Stored | null, isClaimed: boolean): Observation | null {
    const { weather, world } = this;
    const isLastRead = last !== null;
    const records = weather.route53 === 'fails' ? null : world.zone.list();
    const instances = orNull(this.world, () => this.ec2.ofPod(last?.hosts ?? []));
    if (instances === null) return null;
    const { hosts, unread } = instances;
    const listed = new Set([...hosts.map(({ instanceId }) => instanceId), ...unread]);
    const setIdentifiers = new Set((records ?? []).flatMap(({ setIdentifier }) => setIdentifier ?? []));
    const unlisted = [...setIdentifiers].filter((id) => !listed.has(id));
    const owners = orNull(this.world, () => this.ec2.statesOf(unlisted)) ?? { unknown: [], states: [] };
    const ownerStates = Object.fromEntries(owners.states);
    const described = { hosts, unread, unknownIds: owners.unknown, ownerStates };
    const { mode } = weather;
    return { tickId, startedAtMs: world.nowMs, isClaimed, mode, ...described, records, last, isLastRead, request };
  }

  /** `tookSeconds`: since the hosts were asked. */
  judge(
    { hosts, records }: Observation,
    answers: ReadonlyMap<string, Collected>,
    memory: Memory,
    tookSeconds: number,
  ): { judgements: Judgement[]; skew: Skew | null; isAroundLeap: boolean } {
    const { fleet, pod } = this.world.setting;
    const aroundLeap = memory.leap && isAroundLeap(memory.leap, this.world.nowMs) ? fleet : null;
    const sightings = hosts
      .filter(({ state }) => state === 'running')
      .map((host): Sighting => {
        const collected = answers.get(host.instanceId);
        const judgedAt = { nowMs: this.world.nowMs, ageSeconds: tookSeconds };
        if (collected === undefined) return { host, collected: null, status: 'NoAnswer', judgedAt };
        const isText = this.random.chance(THROUGH_TEXT_SHARE);
        const read = isText ? parseCollected(printed(collected)) : collected;
        return { host, collected: read, status: 'Success', judgedAt };
      });
    const expectedRevision = this.revisionOf;
    const context = { pod, hosts, records, ...rememberedOf(memory) };
    const clocks = sightings.map(
      clockJudge({ ...context, lastBounds: memory.lastBounds, aroundLeap, expectedRevision }),
    );
    const { skew } = podClocksOf(clocks, pod.thresholds, { hosts, expected: sightings.length, tookSeconds });
    return { judgements: judgeFollowing(clocks, context), skew, isAroundLeap: aroundLeap !== null };
  }
}

export function judgedHosts({ hosts }: Observation): Stored['hosts'] {
  const running = hosts.filter(({ state }) => state === 'running');
  return running.map(({ instanceId, az, tier }) => ({ instanceId, az, tier }));
}
