import { clientRoomFindings, togetherRoomFindings, upstreamRoomFindings } from './answer-room.ts';
import { ANSWERS_PER_NAME } from './aws-limits.ts';
import { daemonFindings } from './daemon-checks.ts';
import { BOUNDARY_SERVERS, CYCLING, HOSTS, INTERVAL_SECONDS, THRESHOLDS } from './defaults.ts';
import { type Finding, groupOf, isBelow, type Sound, settingsOf } from './finding.ts';
import { followedSources, polledServers } from './followed.ts';
import { lockFindings } from './lock-checks.ts';
import { podNameFault } from './names.ts';
import { overlap } from './network-faults.ts';
import { podPollFindings } from './poll-checks.ts';
import { readFindings } from './read-checks.ts';
import type { WrittenFleet, WrittenPod } from './schema.ts';
import { count } from './sentences.ts';
import { sourceFindings } from './source-checks.ts';
import { soundTimeService } from './sources.ts';

type SoundPod = Sound<WrittenPod>;

/** All that is wrong between the fields of a fleet file. */
export function crossFindings(file: Sound<WrittenFleet>): Finding[] {
  const pods = Object.entries(file.pods ?? {}).filter((entry): entry is [string, SoundPod] => entry[1] !== undefined);
  return [
    ...sourceFindings(file, pods),
    ...upstreamRoomFindings(hostsOf(file)),
    ...names(Object.keys(file.pods ?? {})),
    ...uniqueness(pods),
    ...networkOverlaps(pods),
    ...pods.flatMap(([name, pod]) => podFindings(file, name, pod)),
    ...readFindings(file),
    ...lockFindings(pods),
  ];
}

function hostsOf({ upstreams = [] }: Sound<WrittenFleet>): (string | undefined)[] {
  return upstreams.map((written) => (typeof written === 'object' ? written.host : written));
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
    ...togetherRoomFindings(name, pod, hostsOf(file)),
    ...[
      ...limitFindings(file, pod),
      ...podPollFindings(file, pod),
      ...daemonFindings(file, pod),
      ...togetherFindings(file, pod),
    ].map(({ path, sentence }) => ({
      path: at(...path),
      sentence: `pod ${name}: ${sentence}`,
    })),
  ];
}

function azFindings(name: string, pod: SoundPod): Finding[] {
  const { region, azs } = pod;
  const { boundaryServers } = settingsOf({ boundaryServers: BOUNDARY_SERVERS }, pod);
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
  const room = azs && ANSWERS_PER_NAME * azs.length;
  if (isBelow(room, boundaryServers)) {
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
  const { withdrawAfterSeconds, confidentSources } = settingsOf(THRESHOLDS, groupOf(pod, 'thresholds'));
  const { floor } = settingsOf(CYCLING, groupOf(pod, 'cycling'));
  const byDefault = { boundaryServers: BOUNDARY_SERVERS, hosts: HOSTS, intervalSeconds: INTERVAL_SECONDS };
  const { boundaryServers: servers, hosts, intervalSeconds } = settingsOf(byDefault, pod);

  if (isBelow(hosts, servers)) {
    say(['hosts'], `hosts ${hosts} is below boundaryServers ${servers}: it counts the hosts of both tiers`);
  }
  if (isBelow(withdrawAfterSeconds, intervalSeconds && 2 * intervalSeconds)) {
    say(
      ['thresholds'],
      `withdrawAfterSeconds ${withdrawAfterSeconds} is less than two intervals of ${intervalSeconds} s: one bad sighting would withdraw a server`,
    );
  }
  if (isBelow(servers, floor)) {
    say(['cycling', 'floor'], `floor ${floor} is above boundaryServers ${servers}: nothing would ever be cycled`);
  }
  if (confidentSources !== undefined) findings.push(...confidenceFindings(file, pod, confidentSources));
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

/** Boundary servers ask each other without NTS. */
function togetherFindings({ ntsRequired }: Sound<WrittenFleet>, { together }: SoundPod): Finding[] {
  if (ntsRequired !== true || together !== true) return [];
  const sentence =
    'together is true, and so is ntsRequired: boundary servers have no NTS among themselves, so that none could follow another';
  return [{ path: ['together'], sentence }];
}

/** Tiers of which no host could have as many sources as confidence wants. */
function confidenceFindings(file: Sound<WrittenFleet>, pod: SoundPod, confidentSources: number): Finding[] {
  const path = ['thresholds'];
  const { boundary, client } = followedSources(file, pod);
  const findings: Finding[] = [];
  if (boundary !== null && boundary < confidentSources) {
    const isFollowed = soundTimeService(file)?.mode.boundary === 'source';
    const followed = isFollowed ? 'upstreams and the time service' : 'upstreams';
    const sentence = `a boundary server follows ${count(boundary, 'source')} (${followed}) and confidentSources is ${confidentSources}: none would ever be confident`;
    findings.push({ path, sentence });
  }
  if (client !== null && client < confidentSources) {
    const { boundaryServers } = settingsOf({ boundaryServers: BOUNDARY_SERVERS }, pod);
    const which = isBelow(polledServers(pod) ?? undefined, boundaryServers) ? " (of each AZ's name one server)" : '';
    const sentence = `a client follows ${count(client, 'source')}${which} and confidentSources is ${confidentSources}: none would ever be confident`;
    findings.push({ path, sentence });
  }
  return findings;
}
