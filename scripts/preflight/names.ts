import { azName } from '../../src/fleet/az-names.ts';
import { hasIpv4, hasIpv6, type Pod } from '../../src/fleet/fleet.ts';
import { gatheredSentences } from '../../src/fleet/gathering.ts';
import { byText } from '../../src/fleet/ordering.ts';
import { printable } from '../../src/fleet/printable.ts';
import { count, sentence } from '../../src/fleet/sentences.ts';
import { classifyRecords, MODES } from '../../src/plan/plan.ts';
import { zoneFaults } from '../../src/watchdog/zone-faults.ts';
import type { PodFacts } from './facts.ts';
import { type Finding, findings, said } from './finding.ts';

/** Whether the zone is the one that fleet.yml means, and the pod's hosts can ask it. */
export function judgeZone({ pod, zone }: Pick<PodFacts, 'pod' | 'zone'>): Finding[] {
  const read = said(zone);
  if (read === null) return [];
  const { stop, well } = findings('zone', pod.name);
  const { id } = pod.zone;
  const fix = `Correct pods.${pod.name}.zone of fleet.yml.`;
  if (read.said === null) return [stop(`Pod ${pod.name}: there is no hosted zone ${id} in this account.`, fix)];
  const { name, isPrivate, vpcs } = read.said;
  const faults = [
    ...(name === pod.zone.name
      ? []
      : [stop(`Pod ${pod.name}: zone ${id} is called ${name}, not ${pod.zone.name}.`, fix)]),
    ...(isPrivate ? [] : [stop(`Pod ${pod.name}: zone ${id} is public: podtime writes private addresses.`, fix)]),
  ];
  const isAssociated = vpcs.some((vpc) => vpc.id === pod.vpc && vpc.region === pod.region);
  if (isPrivate && pod.vpc !== '' && !isAssociated)
    faults.push(
      stop(
        `Pod ${pod.name}: zone ${pod.zone.name} (${id}) is associated with ${count(vpcs.length, 'VPC')}, but not with ${pod.vpc} in ${pod.region}: the pod's hosts find no name of it.`,
        `aws route53 associate-vpc-with-hosted-zone --hosted-zone-id ${id} --vpc VPCRegion=${pod.region},VPCId=${pod.vpc}`,
      ),
    );
  return faults.length > 0
    ? faults
    : [well(`Pod ${pod.name}: zone ${pod.zone.name} (${id}) is private, and associated with ${pod.vpc}.`)];
}

/** What stands in the zone: how long a missing name is remembered, and who has podtime's names. */
export function judgeRecords({ pod, records }: Pick<PodFacts, 'pod' | 'records'>): Finding[] {
  const read = said(records);
  if (read === null) return [];
  const { stop, warn, well } = findings('records', pod.name);
  const { negativeTtlSeconds } = read.said;
  const { own, refusals, blocked } = classifyRecords(pod, read.said.records);
  const zone = `zone ${pod.zone.name}`;
  const wanted = pod.azs.flatMap((az) => families(pod).map((type) => `${azName(pod, az)} ${type}`));
  const barred = wanted.filter((key) => blocked.has(key));
  const causes = new Set(barred.map((key) => blocked.get(key) as string));
  // what bars a name is told once, by what it bars
  const others = refusals.filter(
    ({ sentence: told }) => ![...causes].some((cause) => told.startsWith(subjectOf(cause))),
  );
  const faults = zoneFaults(pod, read.said);
  return [
    ...[...causes]
      .toSorted(byText)
      .map((cause) =>
        stop(
          sentence(
            `Pod ${pod.name}: no boundary server of ${barred.filter((key) => blocked.get(key) === cause).join(', ')} could be registered: ${cause}`,
          ),
          `Remove it from ${zone} (${pod.zone.id}).`,
        ),
      ),
    ...faults.map((fault) => warn(`Pod ${pod.name}: ${fault}`, 'docs/deploy.md, step 5.')),
    ...gatheredSentences(others).map((told) => warn(`Pod ${pod.name}: ${told}`, null)),
    ...(negativeTtlSeconds === null
      ? [warn(`Pod ${pod.name}: no SOA was found in ${zone}: how long a missing name is remembered is not known.`)]
      : []),
    ...(faults.length === 0 && negativeTtlSeconds !== null
      ? [well(`Pod ${pod.name}: in ${zone} a missing name is remembered for ${negativeTtlSeconds} s (limit 60 s).`)]
      : []),
    ...(causes.size === 0
      ? [
          well(
            `Pod ${pod.name}: its ${count(pod.azs.length, 'name')} ${azName(pod, pod.azs[0] as string)} … are free${own.length > 0 ? `, or podtime's own (${count(own.length, 'record')})` : ''}.`,
          ),
        ]
      : []),
  ];
}

/** `ntp.az-a.pod CNAME`: what the sentences about a record begin with. */
function subjectOf(cause: string): string {
  return cause.slice(0, cause.indexOf(' stands there'));
}

function families(pod: Pod): ('A' | 'AAAA')[] {
  return [...(hasIpv4(pod) ? ['A' as const] : []), ...(hasIpv6(pod) ? ['AAAA' as const] : [])];
}

/** In which mode the pod would begin. */
export function judgeMode({ pod, modes }: Pick<PodFacts, 'pod' | 'modes'>): Finding[] {
  const read = said(modes);
  if (read === null) return [];
  const { warn, well } = findings('mode', pod.name);
  const [ofPod] = read.said;
  const wrong = read.said.flatMap(({ name, text }) =>
    text === null || MODES.some((mode) => mode === text)
      ? []
      : [
          warn(
            `Pod ${pod.name}: parameter ${name} says '${printable(text, 40).text}', not one of ${MODES.join(', ')}: podtime would observe.`,
            'docs/deploy.md, step 9.',
          ),
        ],
  );
  if (wrong.length > 0) return wrong;
  if (ofPod?.text === 'act')
    return [
      warn(
        `Pod ${pod.name}: parameter ${ofPod.name} says act already: podtime would change DNS and cycle hosts from its first tick on.`,
        `aws ssm put-parameter --region ${pod.region} --overwrite --type String --name ${ofPod.name} --value observe`,
      ),
    ];
  return [well(`Pod ${pod.name}: it would begin in mode ${ofPod?.text ?? 'observe'}.`)];
}
