import { countByTier, type Pod } from '../../src/fleet/fleet.ts';
import { fewOf, gatheredSentences } from '../../src/fleet/gathering.ts';
import { count, duration, listed } from '../../src/fleet/sentences.ts';
import type { PodFacts, SeenAgent, SeenHost } from './facts.ts';
import { type Finding, findings, said } from './finding.ts';

const TAGS_STEP = 'docs/deploy.md, step 6.';
const AGENT_STEP = 'docs/deploy.md, steps 1 and 7.';

/**
 * amazon-ssm-agent, RELEASENOTES: step-level preconditions came with 2.0.790.0. podtime's documents have one, which keeps them from
 * hosts that are not Linux.
 */
const OLDEST_AGENT = '2.0.790.0';

/** Hosts of the pod that run. */
export function runningOf({ hosts }: Pick<PodFacts, 'hosts'>): SeenHost[] {
  return (said(hosts)?.said.hosts ?? []).filter(({ state }) => state === 'running');
}

/** Who of the running hosts SSM hears now. */
export function onlineOf(facts: Pick<PodFacts, 'hosts' | 'agents'>): SeenHost[] {
  const agents = said(facts.agents)?.said;
  return runningOf(facts).filter(({ instanceId }) => agents?.get(instanceId)?.isOnline);
}

/** Who runs, where, and whether that is what fleet.yml says. */
export function judgeHosts({ pod, hosts }: Pick<PodFacts, 'pod' | 'hosts'>): Finding[] {
  const read = said(hosts);
  if (read === null) return [];
  const { warn, well } = findings('hosts', pod.name);
  const left = gatheredSentences(read.said.refused).map((sentence) => warn(`Pod ${pod.name}: ${sentence}`, TAGS_STEP));
  const running = runningOf({ hosts });
  if (running.length === 0) {
    const none = `Pod ${pod.name}: no host runs in ${pod.region} with tag ntp-pod=${pod.name} and what else makes it the pod's.`;
    return [...left, warn(none, `The stack may come first; the hosts: ${TAGS_STEP}`)];
  }
  const tiers = countByTier(running);
  const empty = pod.azs.filter((az) => !running.some((host) => host.az === az));
  return [
    well(
      `Pod ${pod.name}: ${count(tiers.boundary, 'boundary server')} (${byAz(pod, running, 'boundary')}) and ${count(tiers.client, 'client')} (${byAz(pod, running, 'client')}) run.`,
    ),
    ...left,
    ...judgeServers(pod, running),
    ...(empty.length > 0
      ? [
          warn(
            `Pod ${pod.name}: no host runs in ${listed(empty)}, which fleet.yml lists among its ${pod.azs.length} AZs.`,
          ),
        ]
      : []),
    ...(running.length > pod.hosts
      ? [
          warn(
            `Pod ${pod.name}: ${running.length} hosts run, it is built for ${pod.hosts} (hosts of fleet.yml).`,
            'docs/fleet.md, "Which function runs its ticks".',
          ),
        ]
      : []),
  ];
}

function judgeServers(pod: Pod, running: readonly SeenHost[]): Finding[] {
  const { warn } = findings('hosts', pod.name);
  const servers = running.filter(({ tier }) => tier === 'boundary');
  const { floor } = pod.cycling;
  const wanted = `boundaryServers is ${pod.boundaryServers}, cycling.floor ${floor}`;
  if (servers.length < pod.boundaryServers) {
    const below = servers.length < floor ? 'fewer than its floor' : 'fewer than it is meant to have';
    return [
      warn(
        `Pod ${pod.name}: ${count(servers.length, 'boundary server')} ${servers.length === 1 ? 'runs' : 'run'}, ${below} (${wanted}).`,
        TAGS_STEP,
      ),
    ];
  }
  const azs = new Set(servers.map(({ az }) => az));
  if (servers.length > 1 && azs.size === 1) {
    const [az] = azs;
    return [
      warn(
        `Pod ${pod.name}: ${servers.length === 2 ? 'both' : `all ${servers.length}`} boundary servers run in ${az}: with that AZ all are gone.`,
        'docs/deploy.md, step 7.',
      ),
    ];
  }
  return [];
}

/** `us-west-2a 2, us-west-2b 1`, or `none`. */
function byAz({ azs }: Pod, hosts: readonly SeenHost[], tier: SeenHost['tier']): string {
  const counted = azs
    .map((az) => ({ az, hosts: hosts.filter((host) => host.az === az && host.tier === tier).length }))
    .filter((each) => each.hosts > 0);
  return counted.map((each) => `${each.az} ${each.hosts}`).join(', ') || 'none';
}

/** Whom of the hosts SSM hears, and by what others are kept from it. */
export function judgeAgents(facts: Pick<PodFacts, 'pod' | 'hosts' | 'agents'>, nowMs: number): Finding[] {
  const { pod } = facts;
  const running = runningOf(facts);
  const read = said(facts.agents);
  if (read === null || running.length === 0) return [];
  const agents = read.said;
  const { stop, warn, well } = findings('agents', pod.name);
  const profiles = findings('profiles', pod.name);
  const of = `of ${count(running.length, 'running host')}`;
  const agentOf = ({ instanceId }: SeenHost) => agents.get(instanceId);
  const online = onlineOf(facts);
  const unheard = running.filter((host) => agentOf(host) === undefined);
  const lost = running.filter((host) => agentOf(host)?.isOnline === false);
  const withoutProfile = unheard.filter(({ hasProfile }) => !hasProfile);
  const withProfile = unheard.filter(({ hasProfile }) => hasProfile);
  const old = running.filter((host) => isOlder(agentOf(host)?.version ?? '', OLDEST_AGENT));
  const foreign = running.filter((host) => !['Linux', undefined].includes(agentOf(host)?.platform));

  const told: Finding[] = [];
  if (online.length === 0)
    told.push(stop(`Pod ${pod.name}: SSM hears none ${of} (limit 1): podtime would see nobody.`, AGENT_STEP));
  else if (online.length === running.length)
    told.push(well(`Pod ${pod.name}: SSM hears ${count(online.length, 'agent')} ${of}.`));
  if (withoutProfile.length > 0)
    told.push(
      profiles.warn(
        `Pod ${pod.name}: ${withoutProfile.length} ${of} ${has(withoutProfile)} no instance profile, nor any from Default Host Management: SSM never heard of ${them(withoutProfile)} (${names(withoutProfile)}).`,
        `aws ec2 associate-iam-instance-profile --region ${pod.region} --iam-instance-profile Name=ntp-host --instance-id ${withoutProfile[0]?.instanceId}`,
      ),
    );
  if (withProfile.length > 0)
    told.push(
      warn(
        `Pod ${pod.name}: ${withProfile.length} ${of} ${has(withProfile)} a profile, but SSM never heard of ${them(withProfile)} (${names(withProfile)}): no agent, no rights in the profile's role, or no way to SSM.`,
        AGENT_STEP,
      ),
    );
  if (lost.length > 0)
    told.push(
      warn(
        `Pod ${pod.name}: SSM hears ${lost.length} ${of} no more (${names(lost)}); ${lastHeard(lost.map(agentOf), nowMs)}.`,
        'On the host: systemctl status amazon-ssm-agent.',
      ),
    );
  if (old.length > 0)
    told.push(
      warn(
        `Pod ${pod.name}: ${old.length} ${of} ${has(old)} an agent before ${OLDEST_AGENT}, which reads no preconditions of documents (${names(old)}; ${agentOf(old[0] as SeenHost)?.version}).`,
        `aws ssm send-command --region ${pod.region} --document-name AWS-UpdateSSMAgent --targets Key=tag:ntp-pod,Values=${pod.name}`,
      ),
    );
  if (foreign.length > 0)
    told.push(
      warn(
        `Pod ${pod.name}: ${foreign.length} ${of} ${foreign.length === 1 ? 'is' : 'are'} not Linux, but ${agentOf(foreign[0] as SeenHost)?.platform} (${names(foreign)}): podtime never looks at such.`,
        'Take their tag ntp-pod away.',
      ),
    );
  return told;
}

const has = ({ length }: readonly SeenHost[]) => (length === 1 ? 'has' : 'have');
const them = ({ length }: readonly SeenHost[]) => (length === 1 ? 'it' : 'them');
const names = (hosts: readonly SeenHost[]) => fewOf(hosts.map(({ instanceId }) => instanceId));

function lastHeard(agents: readonly (SeenAgent | undefined)[], nowMs: number): string {
  const pings = agents.map((agent) => agent?.lastPingMs ?? null).filter((ping) => ping !== null);
  if (pings.length === 0) return 'SSM does not say when it last did';
  const ago = (pingMs: number) => duration(Math.max(0, nowMs - pingMs) / 1000);
  return pings.length === 1
    ? `last ${ago(pings[0] as number)} ago`
    : `last ${ago(Math.max(...pings))} ago, the longest ${ago(Math.min(...pings))}`;
}

/** By numbers between dots; what is no version is not older. */
function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((each) => each.split('.').map(Number)) as [number[], number[]];
  const at = b.findIndex((number, index) => (a[index] ?? 0) !== number);
  return /^\d+(\.\d+)+$/.test(version) && at >= 0 && (a[at] ?? 0) < (b[at] as number);
}
