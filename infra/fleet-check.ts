import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Fleet, Pod, Tier } from '../src/fleet/fleet.ts';
import { TIER_PLURALS, TIERS } from '../src/fleet/fleet.ts';
import { sortedUnique } from '../src/fleet/ordering.ts';
import { count, listed } from '../src/fleet/sentences.ts';
import { WATCHDOG_CLASSES, watchdogsOf } from '../src/fleet/watchdog-classes.ts';
import { type Votes, worstVotes } from '../src/fleet/worst-votes.ts';
import { BuildError } from './errors.ts';
import { NO_TOPICS } from './monitoring/alarms.ts';
import { fleetNotices } from './notices.ts';
import { readStageFleet, readWholeFleet, TRIAL_STAGE } from './stage.ts';
import { fleetOverLimits } from './template/fleet-limits.ts';
import type { CountedFunctions } from './template/limits.ts';

export interface FleetCheck {
  isGood: boolean;
  lines: string[];
}

/**
 * What packaging would say of a fleet file, without packaging: every fault as a sentence with its line, what keeps it from being deployed,
 * or, where it is good, its pods and what is to be known of them. Of a stage that AWS is to get, ids that are missing are faults.
 * Decision 0125.
 */
export function checkFleet(serviceDir: string, { fleetFile, stage }: { fleetFile: string; stage: string }): FleetCheck {
  try {
    const whole = readWholeFleet(serviceDir, { fleetFile, stage });
    const regions = sortedUnique(whole.pods.map((pod) => pod.region));
    const stacks = regions.map((region) => readStageFleet(serviceDir, { fleetFile, stage, region }));
    const functions = functionsOf(serviceDir);
    const undeployable = stacks.flatMap(({ fleet, deployFaults }, at) => [
      ...deployFaults,
      ...fleetOverLimits(
        serviceDir,
        { stage, region: regions[at] as string, topics: NO_TOPICS },
        fleet,
        inUse(functions, fleet),
      ),
    ]);
    if (undeployable.length > 0 && stage !== TRIAL_STAGE)
      return { isGood: false, lines: [`${fleetFile} cannot be deployed.`, ...undeployable.map((each) => `- ${each}`)] };
    return {
      isGood: true,
      lines: [
        `${fleetFile} is good: ${count(whole.pods.length, 'pod')} in ${listed(regions)}.`,
        ...whole.pods.flatMap((pod) => ['', ...podLines(whole, pod)]),
        ...block(
          'To know:',
          stacks.flatMap(({ fleet }) => fleetNotices(fleet)),
        ),
        ...block('It cannot be deployed yet:', undeployable),
      ],
    };
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    return { isGood: false, lines: error.message.split('\n') };
  }
}

function functionsOf(serviceDir: string): CountedFunctions {
  return parse(readFileSync(join(serviceDir, 'serverless.yml'), 'utf8')).functions;
}

/** The watchdogs of classes that no pod is of are not built. */
function inUse(functions: CountedFunctions, { pods }: Fleet): CountedFunctions {
  const used = watchdogsOf(pods).map(({ functionName }): string => functionName);
  const unused = WATCHDOG_CLASSES.map(({ functionName }): string => functionName).filter(
    (name) => !used.includes(name),
  );
  return Object.fromEntries(Object.entries(functions).filter(([name]) => !unused.includes(name)));
}

function podLines(fleet: Fleet, pod: Pod): string[] {
  const votes = worstVotes(fleet, pod);
  const ids = [pod.vpc || 'no vpc yet', `zone ${pod.zone.name} (${pod.zone.id || 'no id yet'})`];
  return [
    `${pod.name}  ${pod.region}, ${ids.join(', ')}`,
    `  networks  ${pod.networks.join(', ')}`,
    `  AZs       ${pod.azs.join(', ')}`,
    `  hosts     ${pod.boundaryServers} boundary servers (Stratum 3), ${(pod.hosts - pod.boundaryServers).toLocaleString('en')} clients (Stratum 4), looked at every ${pod.intervalSeconds} s`,
    ...TIERS.map((tier) => `  ${tier.padEnd(8)}  ${followed(fleet, pod, tier)}; ${votesText(votes[tier])}`),
  ];
}

function followed({ upstreams, timeService }: Fleet, pod: Pod, tier: Tier): string {
  const servers =
    tier === 'boundary' ? count(upstreams.length, 'upstream') : count(pod.boundaryServers, 'boundary server');
  const follows = timeService.mode[tier] === 'source';
  return follows
    ? `${TIER_PLURALS[tier]} follow ${servers} and the AWS time service`
    : `${TIER_PLURALS[tier]} follow ${servers}, and watch the AWS time service`;
}

function votesText({ clocks, liesLeft, lossesLeft }: Votes): string {
  return `at worst ${count(clocks, 'clock')}: ${liesLeft} may lie, ${lossesLeft} may fall silent`;
}

function block(heading: string, sentences: readonly string[]): string[] {
  return sentences.length === 0 ? [] : ['', heading, ...sentences.map((each) => `- ${each}`)];
}
