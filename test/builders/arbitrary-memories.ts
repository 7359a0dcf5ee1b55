import fc from 'fast-check';
import type { Host, Tier } from '../../src/fleet/fleet.ts';
import type { HostAnswer, Memory, RollOut, WaveProgress } from '../../src/plan/plan.ts';
import { HOUR, id, MINUTE, memory, NOW, SECOND } from './plan-input.ts';

/** What the ticks before have left: as arbitrary as the fleets, and as ignorant of the rules. */

/** `usual` most of the time, else one of the others. */
export const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(usual, ...others) });

/** Often both, so that denials last. */
export const DENIED = fc.constantFrom<string[]>([], [id('beef')], [id('dead'), id('beef')], [id('dead'), id('beef')]);

const rollOutsOf = (tier: Tier, hosts: Host[]): fc.Arbitrary<RollOut | undefined> =>
  fc.constantFrom('none', 'one').chain((what) =>
    what === 'none'
      ? fc.constant(undefined)
      : fc
          .record({
            tier: fc.constant(tier),
            waveId: fc.constant('tick-0'),
            startedAtMs: fc.constantFrom(NOW - MINUTE, NOW - 25 * MINUTE, NOW - HOUR),
            records: fc.constantFrom('NOW', 'az-a=10.0.1.99'),
            mode: fc.constantFrom('act' as const, 'hold' as const),
            // between two waves there are none
            commands: fc.subarray(hosts.map((one) => one.instanceId)).chain((instanceIds) =>
              fc.constantFrom<RollOut['commands']>(
                [],
                [{ commandId: null, instanceIds }],
                [{ commandId: 'c-1', instanceIds }],
                [
                  { commandId: 'c-1', instanceIds: instanceIds.slice(1) },
                  { commandId: null, instanceIds: instanceIds.slice(0, 1) },
                ],
              ),
            ),
            failed: fc.subarray(
              hosts.map((one) => one.instanceId),
              { maxLength: Math.min(2, hosts.length) },
            ),
            waves: fc.constantFrom(0, 1, 3),
            allBegunAtMs: fc.constantFrom(undefined, NOW - 30 * SECOND, NOW - 89 * SECOND, NOW - 90 * SECOND),
            atWorkUntilMs: fc.constantFrom(undefined, undefined, NOW, NOW + MINUTE),
            stopped: fc.boolean(),
            sentence: fc.constant('It stopped.'),
          })
          .map((rollOut) => (rollOut.stopped ? { ...rollOut, commands: [] } : { ...rollOut, sentence: null })),
  );

const ANSWERS = fc.constantFrom<Omit<HostAnswer, 'instanceId'>>(
  ...Array<Omit<HostAnswer, 'instanceId'>>(6).fill({ kind: 'cycled', reason: 'ntpd' }),
  { kind: 'nothing', reason: 'not-yet' },
  { kind: 'nothing', reason: 'same-wave' },
  { kind: 'failed', reason: 'not-healed' },
  { kind: 'no-verdict', reason: 'DeliveryTimedOut' },
  { kind: 'not-begun', reason: 'Terminated' },
);

const ENDED = { ended: true, isWhole: true };

export const progressOf = (tier: Tier, hosts: Host[]): fc.Arbitrary<WaveProgress> =>
  fc
    .record({
      tier: fc.constant(tier),
      // a wave whose list of answers is behind its counts has not ended
      standing: mostly(ENDED, { ended: false, isWhole: true }, { ended: false, isWhole: false }),
      answers: fc.tuple(fc.boolean(), ...hosts.map(() => ANSWERS)).chain(([all, ...answers]) => {
        const each = hosts.map(({ instanceId }, index) => ({ instanceId, ...answers[index] }) as HostAnswer);
        return all ? fc.constant(each) : fc.subarray(each);
      }),
    })
    .map(({ standing, ...wave }) => ({ ...wave, ...standing }));

export const memoriesOf = (hosts: Host[]): fc.Arbitrary<Memory> => {
  const servers = hosts.filter((one) => one.tier === 'boundary').map((one) => one.instanceId);
  const clients = hosts.filter((one) => one.tier === 'client').map((one) => one.instanceId);
  const few = (ids: string[]) => fc.subarray(ids, { maxLength: Math.min(2, ids.length) });
  return fc
    .record({
      withdrawn: few(servers),
      unhealthy: few(servers),
      provenMs: fc.constantFrom(14 * MINUTE, 15 * MINUTE, HOUR, HOUR),
      kept: fc.constantFrom({}, {}, { keptMs: NOW - 4 * MINUTE }, { keptMs: NOW - HOUR }),
      unknownToEc2: DENIED,
      deniedAtMs: fc.constantFrom(NOW - 4 * MINUTE, NOW - 5 * MINUTE, NOW - HOUR),
      starting: fc.tuple(few(servers), few(clients)).map((ids) => ids.flat()),
      startingMs: fc.constantFrom(MINUTE, 19 * MINUTE, HOUR),
      cycled: few(clients),
      cycles: fc.constantFrom<number[]>(
        [NOW - MINUTE],
        [NOW - HOUR],
        [NOW - 5 * HOUR, NOW - 4 * HOUR, NOW - 3 * HOUR],
        [NOW - 30 * HOUR],
      ),
      staleSinceMs: few(clients),
      undone: few(clients),
      answered: fc.record({
        answers: fc.constantFrom(1, 2, 3, 4, 5, 12),
        atMs: fc.constantFrom(NOW - MINUTE, NOW - 2 * MINUTE, NOW - 4 * MINUTE, NOW - HOUR),
        reason: fc.constantFrom('not-yet', 'already-right'),
      }),
      boundary: rollOutsOf('boundary', hosts),
      client: rollOutsOf('client', hosts),
    })
    .map((made) => {
      const { withdrawn, unhealthy, provenMs, kept, unknownToEc2, deniedAtMs, starting, startingMs } = made;
      const { cycled, cycles, staleSinceMs, undone, answered, boundary, client } = made;
      const each = <T>(ids: string[], value: T) => Object.fromEntries(ids.map((one) => [one, value]));
      return memory({
        withdrawn: each(withdrawn, {
          sinceMs: NOW - HOUR,
          sentence: 'it was adrift.',
          addresses: ['10.0.1.1', '10.0.2.2'],
        }),
        unhealthySinceMs: each(unhealthy, NOW - HOUR),
        unhealthy: each(unhealthy, { provenMs, seenMs: NOW - MINUTE, ...kept }),
        unknownToEc2: each(unknownToEc2, deniedAtMs),
        starting: each(starting, { provenMs: startingMs, seenMs: NOW - MINUTE }),
        cycles: each(cycled, cycles),
        staleSinceMs: each(staleSinceMs, NOW - HOUR),
        undone: each(undone, answered),
        rollOuts: { ...(boundary ? { boundary } : {}), ...(client ? { client } : {}) },
      });
    });
};
