import { expect, it } from '@jest/globals';
import { NOTHING_MEASURED } from '../../src/diagnosis/facts.ts';
import { withUnread } from '../../src/diagnosis/unread.ts';
import { client, judged } from '../builders/plan-input.ts';

it('hosts that EC2 did not describe stand beside the others, and are unknown: nothing is concluded of them', () => {
  const seen = judged(client('1', 'a'));
  const host = client('2', 'b');
  expect(withUnread([seen], [host])).toEqual([
    seen,
    {
      host,
      state: 'unknown',
      findings: ['unknown'],
      sentence: 'Nothing is known of it: EC2 did not describe it at this tick.',
      cause: 'EC2 did not describe them at this tick',
      remarks: [],
      confident: false,
      confidence: '',
      measures: NOTHING_MEASURED,
      votes: { liesLeft: null, lossesLeft: null },
      stale: null,
      unjoinedNames: [],
      unmanaged: false,
      leapAnnounced: false,
      polled: [],
      cycledSecondsAgo: null,
    },
  ]);
});
