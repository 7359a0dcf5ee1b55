import Sequencer from '@jest/test-sequencer';

/** Begun first, in this order: each takes longer than the rest would leave it at the end, or makes what others wait for. */
const FIRST = [
  'packages/lab/test/pod/story.test.ts',
  'test/host/real.test.ts',
  'test/infra/package.test.ts',
  'test/infra/stack.test.ts',
  'test/infra/unfit-fleet.test.ts',
  'test/watchdog/alarms.test.ts',
  'test/config/daemons.test.ts',
  'test/host/cycle.test.ts',
  'test/infra/deployed/answers.test.ts',
  'packages/aws-endpoint/test/verify.test.ts',
  'test/infra/alarms.test.ts',
  'test/scripts/cost/page.test.ts',
];

/** Jest's own order but for these: it knows durations only from the last run, and a fresh checkout has none. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const place = FIRST.findIndex((file) => path.replaceAll('\\', '/').endsWith(`/${file}`));
      return place === -1 ? FIRST.length : place;
    };
    return [...super.sort(tests)].sort((a, b) => rank(a) - rank(b));
  }
}
