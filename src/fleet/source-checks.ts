import type { Finding, Sound } from './finding.ts';
import { TIME_SERVICE_ADDRESSES, type Tier } from './fleet.ts';
import { holds } from './network-faults.ts';
import { ntsFindings } from './nts-checks.ts';
import { sourcePollFindings } from './poll-checks.ts';
import type { WrittenFleet, WrittenPod } from './schema.ts';
import { listed } from './sentences.ts';
import { followedClasses, type SmearingFleet } from './smear.ts';
import { soundTimeService, soundUpstreams } from './sources.ts';

type SoundPod = Sound<WrittenPod>;

/** What is wrong with upstreams and time service, between their settings and with the pods'. */
export function sourceFindings(file: Sound<WrittenFleet>, pods: [string, SoundPod][]): Finding[] {
  return [...smearFindings(file), ...upstreamFindings(file, pods), ...sourcePollFindings(file), ...ntsFindings(file)];
}

/** Sources of different smear classes that hosts of a tier would follow, where the file does not say that it is meant. */
function smearFindings(file: Sound<WrittenFleet>): Finding[] {
  const timeService = soundTimeService(file);
  // said in a way that cannot be read it may be accepted as well
  if (Object.hasOwn(file, 'leapSmear') || timeService === null) return [];
  const { mode } = timeService;
  const upstreams = soundUpstreams(file).map(({ upstream }) => upstream);
  const all = { upstreams, timeService };
  const ofUpstreams = { upstreams, timeService: { mode: { boundary: 'reference', client: 'reference' } } } as const;
  const findings: Finding[] = [];
  if (followedClasses(ofUpstreams, 'boundary').size > 1) {
    findings.push({ path: ['upstreams'], sentence: smearSentence('boundary servers', all, 'boundary') });
  } else if (followedClasses(all, 'boundary').size > 1) {
    findings.push({ path: ['timeService'], sentence: smearSentence('boundary servers', all, 'boundary') });
  }
  // where the boundary servers follow the time service as well, the clients mix nothing more
  if (mode.boundary === 'reference' && mode.client === 'source' && followedClasses(all, 'client').size > 1) {
    findings.push({
      path: ['timeService', 'client'],
      sentence: smearSentence('clients, by their boundary servers and by themselves,', all, 'client'),
    });
  }
  return findings;
}

function smearSentence(hosts: string, fleet: SmearingFleet, tier: Tier): string {
  const classes = [...followedClasses(fleet, tier)].map(([smear, names]) => `${smear} (${names.join(', ')})`);
  return `${hosts} follow sources of different smear classes, ${listed(classes)}, which are up to a second apart around a leap second. Follow one class (the time service can be a reference, an upstream's smear says what it does), or say leapSmear: accepted`;
}

function upstreamFindings(file: Sound<WrittenFleet>, pods: [string, SoundPod][]): Finding[] {
  const hosts = soundUpstreams(file);
  return hosts.flatMap(({ upstream: { host }, index }, place): Finding[] => {
    const path = ['upstreams', index];
    const findings: Finding[] = [];
    if (hosts.findIndex(({ upstream }) => upstream.host === host) < place) {
      findings.push({ path, sentence: `upstream ${host} stands twice` });
    }
    if (TIME_SERVICE_ADDRESSES.some((address) => holds(`${host}/${host.includes(':') ? 128 : 32}`, address))) {
      findings.push({ path, sentence: `upstream ${host} is the AWS time service, which timeService sets` });
    }
    for (const [name, pod] of pods) {
      const network = pod.networks?.find((cidr) => cidr !== undefined && holds(cidr, host));
      const zone = pod.zone?.name;
      if (network !== undefined) {
        const sentence = `upstream ${host} is an address of pod ${name} (network ${network}): a pod cannot be its own source`;
        findings.push({ path, sentence });
      } else if (zone !== undefined && (host === zone || host.endsWith(`.${zone}`))) {
        findings.push({
          path,
          sentence: `upstream ${host} is a name of pod ${name}'s own zone ${zone}: a pod cannot be its own source`,
        });
      }
    }
    return findings;
  });
}
