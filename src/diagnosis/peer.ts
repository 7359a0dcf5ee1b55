import type { Facts } from './facts.ts';
import type { Judgement, Peer } from './judgement.ts';
import { objectSharer } from './shared-values.ts';

/** Tells whom a daemon follows, one object for all hosts that follow alike. */
export function peerReader(): (facts: Pick<Facts, 'systemPeer'>) => Pick<Judgement, 'peer'> {
  const shared = objectSharer<Peer>();
  return ({ systemPeer }) => {
    if (systemPeer === null || typeof systemPeer === 'string') return {};
    const { address, remote, reach } = systemPeer;
    return { peer: shared({ address: address ?? remote, reach }) };
  };
}
