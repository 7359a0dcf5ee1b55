import { clientRoomFindings, upstreamRoomFindings } from './answer-room.ts';
import { ANSWERS_PER_NAME } from './aws-limits.ts';
import { BOUNDARY_SERVERS, CYCLING, HOSTS, INTERVAL_SECONDS, POLL_MAX, POLL_MIN, THRESHOLDS } from './defaults.ts';
import type { Finding, Sound } from './finding.ts';
import { TIME_SERVICE_ADDRESSES } from './fleet.ts';
import { podNameFault } from './names.ts';
import { holds, overlap } from './network-faults.ts';
import { readFindings } from './read-checks.ts';
import type { WrittenFleet, WrittenPod } from './schema.ts';
import { count } from './sentences.ts';

type SoundPod = Sound<WrittenPod>;

/** All that is wrong between the fields of a fleet file. */
export function crossFindings(file: Sound<WrittenFleet>): Finding[] {
  const pods = Object.entries(file.pods ?? {}).filter((entry): entry is [string, SoundPod] => entry[1] !== undefined);
  return [
    ...smear(file),
    ...upstreams(file, pods),
    ...upstreamRoomFindings(file.upstreams ?? []),
    ...names(Object.keys(file.pods ?? {})),
    ...uniqueness(pods),
    ...networkOverlaps(pods),
    ...pods.flatMap(([name, pod]) => podFindings(file, name, pod)),
    ...readFindings(file),
  ];
}

function smear({ timeService, leapSmear }: Sound<WrittenFleet>): Finding[] {
  if (timeService !== 'source' || leapSmear === 'accepted') return [];
  const sentence =
    'timeService: source mixes the AWS time service, which smears leap seconds, with upstreams that may not: clocks would disagree by up to 500 ms around a leap second. Say leapSmear: accepted, or watch it only with timeService: reference';
  return [{ path: ['timeService'], sentence }];
}

function upstreams(file: Sound<WrittenFleet>, pods: [string, SoundPod][]): Finding[] {
  const listed = file.upstreams ?? [];
  return listed.flatMap((upstream, index): Finding[] => {
    if (upstream === undefined) return [];
    const path = ['upstreams', index];
    const findings: Finding[] = [];
    if (listed.indexOf(upstream) < index) findings.push({ path, sentence: `upstream ${upstream} stands twice` });
    if (TIME_SERVICE_ADDRESSES.some((address) => holds(`${upstream}/${upstream.includes(':') ? 128 : 32}`, address))) {
      findings.push({ path, sentence: `upstream ${upstream} is the AWS time service, which timeService sets` });
    }
    for (const [name, pod] of pods) {
      const network = pod.networks?.find((cidr) => cidr !== undefined && holds(cidr, upstream));
      const zone = pod.zone?.name;
      if (network !== undefined) {
        const sentence = `upstream ${upstream} is an address of pod ${name} (network ${network}): a pod cannot be its own source`;
        findings.push({ path, sentence });
      } else if (zone !== undefined && (upstream === zone || upstream.endsWith(`.${zone}`))) {
        findings.push({
          path,
          sentence: `upstream ${upstream} is a name of pod ${name}'s own zone ${zone}: a pod cannot be its own source`,
        });
      }
    }
    return findings;
  });
}

function names(podNames: string[]): Finding[] {
  // CloudFormation's logical ids are letters and digits, so these two would be one resource.
  const bare = podNames.map((name) => name.replaceAll('-', ''));
  return podNames.flatMap((name, index): Finding[] => {
    const path = ['pods', name];
    const fault = podNameFault(name);
    const twin = bare.indexOf(bare[index] as string);
    return [
      ...(fault === null ? [] : [{ path, sentence: `${JSON.stringify(name)} ${fault}` }]),
      ...(twin < index ? [{ path, sentence: `pod ${name} differs from pod ${podNames[twin]} by hyphens only` }] : []),
    ];
  });
}

/** One pod is one VPC with one zone and its own endpoints: none of these is shared. */
function uniqueness(pods: [string, SoundPod][]): Finding[] {
  const claims = pods.flatMap(([name, pod]) => [
    ...(pod.vpc === undefined ? [] : [{ name, path: ['vpc'], what: `VPC ${pod.vpc}` }]),
    ...(pod.zone?.id === undefined ? [] : [{ name, path: ['zone', 'id'], what: `zone ${pod.zone.id}` }]),
    ...(pod.endpoints ?? []).flatMap((id, index) =>
      id === undefined ? [] : [{ name, path: ['endpoints', index], what: `endpoint ${id}` }],
    ),
  ]);
  return claims.flatMap(({ name, path, what }, index): Finding[] => {
    const first = claims.findIndex((claim) => claim.what === what);
    if (first === index) return [];
    const other = claims[first]?.name;
    const sentence = other === name ? `${what} stands twice` : `${what} is pod ${other}'s already; pods share nothing`;
    return [{ path: ['pods', name, ...path], sentence }];
  });
}

function networkOverlaps(pods: [string, SoundPod][]): Finding[] {
  const networks = pods.flatMap(([name, pod]) =>
    (pod.networks ?? []).flatMap((cidr, index) => (cidr === undefined ? [] : [{ name, cidr, index }])),
  );
  return networks.flatMap(({ name, cidr, index }, at): Finding[] =>
    networks.slice(0, at).flatMap((other): Finding[] => {
      if (!overlap(cidr, other.cidr)) return [];
      const path = ['pods', name, 'networks', index];
      const whose = other.name === name ? 'the same pod' : `pod ${other.name}`;
      return [{ path, sentence: `network ${cidr} of pod ${name} overlaps ${other.cidr} of ${whose}` }];
    }),
  );
}

function podFindings(file: Sound<WrittenFleet>, name: string, pod: SoundPod): Finding[] {
  const at = (...path: PropertyKey[]) => ['pods', name, ...path];
  return [
    ...azFindings(name, pod),
    ...subnetFindings(name, pod),
    ...clientRoomFindings(name, pod),
    ...limitFindings(file, pod).map(({ path, sentence }) => ({
      path: at(...path),
      sentence: `pod ${name}: ${sentence}`,
    })),
  ];
}

function azFindings(name: string, { region, azs, boundaryServers = BOUNDARY_SERVERS }: SoundPod): Finding[] {
  const at = (...path: PropertyKey[]) => ['pods', name, ...path];
  const findings = (azs ?? []).flatMap((az, index): Finding[] => {
    if (az === undefined || region === undefined) return [];
    const path = at('azs', index);
    if (azs?.indexOf(az) !== index) return [{ path, sentence: `AZ ${az} stands twice in pod ${name}` }];
    if (az.startsWith(region) && /^[a-z]$/.test(az.slice(region.length))) return [];
    return [
      {
        path,
        sentence: `AZ ${JSON.stringify(az)} of pod ${name} is not in region ${region}; its AZs are ${region}a, ${region}b and so on`,
      },
    ];
  });
  const room = ANSWERS_PER_NAME * (azs?.length ?? boundaryServers);
  if (boundaryServers > room) {
    const sentence = `pod ${name}: ${boundaryServers} boundary servers are more than ${azs?.length} AZ names can answer with (${ANSWERS_PER_NAME} records each, ${room} in all)`;
    findings.push({ path: at('boundaryServers'), sentence });
  }
  return findings;
}

/** An endpoint has one network interface a subnet; EC2 refuses one that is named twice (DuplicateSubnetsInSameZone). */
function subnetFindings(name: string, { newEndpoint }: SoundPod): Finding[] {
  const subnets = newEndpoint?.subnets ?? [];
  return subnets.flatMap((subnet, index): Finding[] => {
    if (subnet === undefined || subnets.indexOf(subnet) === index) return [];
    const path = ['pods', name, 'newEndpoint', 'subnets', index];
    return [{ path, sentence: `subnet ${subnet} stands twice in pod ${name}` }];
  });
}

/** Limits that contradict each other: none of them would ever be reached, or nothing would ever be done. */
function limitFindings(file: Sound<WrittenFleet>, pod: SoundPod): Finding[] {
  const findings: Finding[] = [];
  const say = (path: PropertyKey[], sentence: string) => findings.push({ path, sentence });
  const limits = { ...THRESHOLDS, ...defined(pod.thresholds) };
  const cycling = { ...CYCLING, ...defined(pod.cycling) };
  const servers = pod.boundaryServers ?? BOUNDARY_SERVERS;
  const hosts = pod.hosts ?? HOSTS;
  const interval = pod.intervalSeconds ?? INTERVAL_SECONDS;
  const { min = POLL_MIN, max = POLL_MAX } = pod.poll ?? {};

  if (hosts < servers) {
    say(['hosts'], `hosts ${hosts} is below boundaryServers ${servers}: it counts the hosts of both tiers`);
  }
  if (min > max)
    say(['poll'], `poll min ${min} is above max ${max} (the daemons' own are ${POLL_MIN} and ${POLL_MAX})`);
  if (limits.errorBoundMs < limits.offsetMs) {
    say(
      ['thresholds'],
      `errorBoundMs ${limits.errorBoundMs} is below offsetMs ${limits.offsetMs}: the bound includes the offset, so that limit would never be reached`,
    );
  }
  if (limits.withdrawAfterSeconds < 2 * interval) {
    say(
      ['thresholds'],
      `withdrawAfterSeconds ${limits.withdrawAfterSeconds} is less than two intervals of ${interval} s: one bad sighting would withdraw a server`,
    );
  }
  if (cycling.floor > servers) {
    say(
      ['cycling', 'floor'],
      `floor ${cycling.floor} is above boundaryServers ${servers}: nothing would ever be cycled`,
    );
  }
  const followed = file.timeService === 'source' ? 1 : 0;
  const known = file.upstreams?.length;
  if (file.timeService !== undefined && known !== undefined && known + followed < limits.confidentSources) {
    say(
      ['thresholds'],
      `a boundary server follows ${count(known + followed, 'source')} (upstreams${followed ? ' and the time service' : ''}) and confidentSources is ${limits.confidentSources}: none would ever be confident`,
    );
  }
  if (file.timeService !== undefined && servers + followed < limits.confidentSources) {
    say(
      ['thresholds'],
      `a client follows ${count(servers + followed, 'source')} and confidentSources is ${limits.confidentSources}: none would ever be confident`,
    );
  }
  for (const [index, window] of (pod.maintenance ?? []).entries()) {
    if (window?.from !== undefined && window.from === window.to) {
      say(
        ['maintenance', index],
        `the window from ${window.from} to ${window.to} is empty; for a whole day leave maintenance away`,
      );
    }
  }
  return findings;
}

function defined<T extends object>(given: T | undefined): { [Key in keyof T]: NonNullable<T[Key]> } {
  return Object.fromEntries(Object.entries(given ?? {}).filter(([, value]) => value !== undefined)) as never;
}
