import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sendIsolatingInvalid } from '../../src/aws/isolate.ts';
import { commandShares, MOST_TURNS } from '../../src/plan/cycling/commands.ts';
import { runs } from '../builders/property-runs.ts';

/** As SSM refuses a command for an id that it does not name. */
const REFUSED = new Error('cycling', {
  cause: Object.assign(new Error('An instance is not valid.'), {
    name: 'InvalidInstanceId',
    $fault: 'client',
    $metadata: { httpStatusCode: 400 },
  }),
});

/** The most turns that one of the commands takes into which a command of so many hosts is cut, when SSM refuses some of them. */
async function mostTurns(hosts: number, atOnce: number, isRefused: (index: number) => boolean): Promise<number> {
  const ids = Array.from({ length: hosts }, (_, index) => `i-${index}`);
  const refused = new Set(ids.filter((_, index) => isRefused(index)));
  let turns = 0;
  for (const command of commandShares(ids, 1, atOnce)) {
    await sendIsolatingInvalid(command.instanceIds, command, async (some, { maxConcurrency }) => {
      if (some.some((id) => refused.has(id))) throw REFUSED;
      turns = Math.max(turns, Math.ceil(some.length / maxConcurrency));
      return 'c-1';
    });
  }
  return turns;
}

it('no command takes more turns than the longest life of a wave allows for, whichever host of it SSM refuses', async () => {
  let most = 0;
  for (let hosts = 1; hosts <= 50; hosts += 1) {
    for (let refused = 0; refused <= hosts; refused += 1) {
      // as many turns as a wave has, and as many as one that is a tenth larger
      for (const turns of [5, 5.5]) {
        most = Math.max(most, await mostTurns(hosts, Math.ceil(hosts / turns), (index) => index === refused));
      }
    }
  }
  expect(most).toBe(MOST_TURNS);
});

it('nor when it refuses several', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.nat(49), { maxLength: 20 }),
      async (hosts, refused) => {
        expect(await mostTurns(hosts, Math.ceil(hosts / 5), (index) => refused.includes(index))).toBeLessThanOrEqual(
          MOST_TURNS,
        );
      },
    ),
    runs(500),
  );
});
