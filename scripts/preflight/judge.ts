import { configBurst } from '../../infra/template/throttles.ts';
import { deployFaults } from '../../src/fleet/deploy.ts';
import type { Fleet, Pod } from '../../src/fleet/fleet.ts';
import { count } from '../../src/fleet/sentences.ts';
import type { Facts, Read, RegionFacts } from './facts.ts';
import { type Finding, findings, said, type Unread } from './finding.ts';
import { judgeAgents, judgeHosts } from './hosts.ts';
import { judgeMode, judgeRecords, judgeZone } from './names.ts';
import { judgeApiEndpoints, judgeSsmEndpoints, judgeVpc } from './network.ts';

export interface Judged {
  /** What stops a deploy first, then warnings, then what is well. */
  findings: Finding[];
  /** What AWS did not answer: nobody knows whether it is well. */
  unread: Unread[];
  /** AWS answered nothing at all: that nothing is wrong says nothing. */
  isBlind: boolean;
}

/** At most two runs of `instances` at one time: serverless.yml, maximumConcurrency. */
const INSTANCES_RUNS = 2;
const ORDER: readonly Finding['severity'][] = ['stop', 'warning', 'well'];

/** What an operator is to know before the first deploy, from what AWS said. Decision 0141. */
export function judge(fleet: Pick<Fleet, 'operatorVpcs'> & { pods: readonly Pod[] }, facts: Facts): Judged {
  const found = [
    ...facts.regions.flatMap((region) =>
      judgeConcurrency(
        region,
        fleet.pods.filter((pod) => pod.region === region.region),
      ),
    ),
    ...facts.pods.flatMap((pod) => [
      ...judgeIds(pod.pod),
      ...judgeVpc(pod),
      ...judgeZone(pod),
      ...judgeRecords(pod),
      ...judgeApiEndpoints(pod, fleet.operatorVpcs),
      ...judgeHosts(pod),
      ...judgeAgents(pod, facts.nowMs),
      ...judgeSsmEndpoints(pod),
      ...judgeMode(pod),
    ]),
  ];
  const unread = unreadOf(facts);
  return {
    findings: ORDER.flatMap((severity) => found.filter((finding) => finding.severity === severity)),
    unread,
    isBlind: unread.length > 0 && found.every(({ check }) => check === 'fleet'),
  };
}

function judgeIds(pod: Pod): Finding[] {
  const { stop } = findings('fleet', pod.name);
  return deployFaults({ pods: [pod] }).map((sentence) => stop(sentence, 'docs/deploy.md, step 2.'));
}

/** The ticks of a region's pods begin in the same minute, beside whoever else runs there. */
function judgeConcurrency({ region, concurrency }: RegionFacts, pods: readonly Pod[]): Finding[] {
  const read = said(concurrency);
  if (read === null) return [];
  const { executions, unreserved } = read.said;
  const { stop, warn, well } = findings('concurrency', null);
  const ticks = pods.length + INSTANCES_RUNS;
  const boots = configBurst(pods.reduce((sum, { hosts }) => sum + hosts, 0));
  const has = `Lambda in ${region} may run ${executions} functions at one time, ${unreserved} of them unreserved`;
  const raise = `aws service-quotas request-service-quota-increase --region ${region} --service-code lambda --quota-code L-B99A9384 --desired-value 1000`;
  if (unreserved < ticks)
    return [
      stop(
        `${has}; the stack alone takes ${ticks} (${count(pods.length, 'tick')}, ${INSTANCES_RUNS} runs of instances).`,
        raise,
      ),
    ];
  if (unreserved < ticks + boots)
    return [
      warn(
        `${has}; the stack takes ${ticks}, and ${boots} more while hosts boot together: these would wait, and ticks with them.`,
        raise,
      ),
    ];
  return [well(`${has}; the stack takes ${ticks + boots} at most.`)];
}

function unreadOf(facts: Facts): Unread[] {
  const of = (what: string, read: Read<unknown> | null): Unread[] =>
    read !== null && 'failure' in read ? [{ what, ...read.failure }] : [];
  return [
    ...of('who is asking', facts.caller),
    ...facts.regions.flatMap(({ region, concurrency }) => of(`what Lambda may run in ${region}`, concurrency)),
    ...facts.pods.flatMap(({ pod: { name }, ...read }) => [
      ...of(`the hosts of pod ${name}`, read.hosts),
      ...of(`the agents of pod ${name}`, read.agents),
      ...of(`the VPC of pod ${name}`, read.vpcDns),
      ...of(`the endpoints of pod ${name}`, read.endpoints),
      ...of(`the subnets of pod ${name}`, read.subnets),
      ...of(`the zone of pod ${name}`, read.zone),
      ...of(`the records of pod ${name}`, read.records),
      ...of(`the mode of pod ${name}`, read.modes),
    ]),
  ];
}
