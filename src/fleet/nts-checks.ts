import { canonicalAddress } from './addresses.ts';
import type { Finding, Sound } from './finding.ts';
import type { WrittenFleet } from './schema.ts';
import { soundTimeService, soundUpstreams } from './sources.ts';

/** What is wrong with what is to be authenticated. Decision 0089. */
export function ntsFindings(file: Sound<WrittenFleet>): Finding[] {
  const named = soundUpstreams(file).flatMap(({ upstream: { host, nts }, index }): Finding[] => {
    const path = ['upstreams', index];
    if (nts && canonicalAddress(host) !== null) {
      const sentence = `upstream ${host} is an address: NTS checks the name in a server's certificate, so give its name`;
      return [{ path: [...path, 'nts'], sentence }];
    }
    if (nts || file.ntsRequired !== true) return [];
    return [{ path, sentence: `upstream ${host} has no nts: true, and ntsRequired is true: no host would follow it` }];
  });
  return [...named, ...timeServiceFindings(file)];
}

/** The time service speaks no NTS. It is on each host's own link, so a client may follow it beside its boundary servers. */
function timeServiceFindings(file: Sound<WrittenFleet>): Finding[] {
  const isFollowed = soundTimeService(file)?.mode.boundary === 'source';
  if (file.ntsRequired !== true || !isFollowed) return [];
  const sentence =
    'boundary servers follow the AWS time service, which has no NTS, and ntsRequired is true: say timeService: { boundary: reference, client: source }, or ntsRequired: false';
  return [{ path: ['timeService'], sentence }];
}
