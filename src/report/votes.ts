import type { Judgement, VotesLeft } from '../diagnosis/judgement.ts';
import { TIER_PLURALS, TIERS } from '../fleet/fleet.ts';
import { SAID_ONE_BY_ONE } from '../fleet/gathering.ts';
import { byText } from '../fleet/ordering.ts';
import { count } from '../fleet/sentences.ts';
import type { TierVotes } from './report.ts';

/** The fewest votes left in each tier, whatever its hosts: a client's own are in no row, and by default in no metric. */
export function tierVotesOf(judgements: readonly Judgement[]): TierVotes[] {
  return TIERS.flatMap((tier): TierVotes[] => {
    const known = judgements.flatMap(({ host, votes: { liesLeft, lossesLeft } }): HostVotes[] =>
      host.tier === tier && liesLeft !== null && lossesLeft !== null
        ? [{ instanceId: host.instanceId, liesLeft, lossesLeft }]
        : [],
    );
    if (known.length === 0) return [];
    return [
      { tier, hosts: known.length, liesLeft: fewestOf(known, 'liesLeft'), lossesLeft: fewestOf(known, 'lossesLeft') },
    ];
  });
}

type HostVotes = { instanceId: string } & { [Name in keyof VotesLeft]: number };

function fewestOf(known: readonly HostVotes[], name: keyof VotesLeft): TierVotes['liesLeft'] {
  const votes = known.reduce((least, host) => Math.min(least, host[name]), Number.POSITIVE_INFINITY);
  const ids = known.filter((host) => host[name] === votes).map(({ instanceId }) => instanceId);
  return { votes, hosts: ids.length, instanceIds: ids.toSorted(byText).slice(0, SAID_ONE_BY_ONE) };
}

/** Of clients, whose rows do not tell; of boundary servers where one has none left, which raises an alarm. */
export function votesSentences(votes: readonly TierVotes[]): string[] {
  return votes
    .filter(({ tier, liesLeft, lossesLeft }) => tier === 'client' || Math.min(liesLeft.votes, lossesLeft.votes) === 0)
    .map(({ tier, hosts, liesLeft, lossesLeft }) => {
      const [lie, fall] = [liesLeft, lossesLeft].map((fewest) => whoOf(fewest, hosts));
      return `Votes left, of the ${TIER_PLURALS[tier]} with the fewest: ${count(liesLeft.votes, 'clock')} may lie (${lie}), ${lossesLeft.votes} may fall silent (${fall}).`;
    });
}

function whoOf({ hosts, instanceIds }: TierVotes['liesLeft'], known: number): string {
  const share = `${hosts} of ${known}`;
  const more = hosts - instanceIds.length;
  return hosts === known ? share : `${share}: ${instanceIds.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
