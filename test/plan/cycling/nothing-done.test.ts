import { describe, expect, it } from '@jest/globals';
import type { HostAnswer } from '../../../src/plan/plan.ts';
import { plan, rememberSent } from '../../../src/plan/plan.ts';
import { HOUR, judged, MINUTE, memory, NOW } from '../../builders/plan-input.ts';
import { answer, LAST, OVER, progress } from '../../builders/roll-outs.ts';
import { clients, given, leftBehind, nth, staleClients } from '../../builders/stale-clients.ts';

describe('hosts that did nothing when they were asked', () => {
  const NOT_YET = answer(nth(0), 'nothing', 'not-yet');
  const asked = (answers: HostAnswer[], rollOut = LAST) =>
    staleClients(6, {
      memory: memory({
        rollOuts: { client: rollOut },
        cycles: Object.fromEntries(answers.map(({ instanceId }) => [instanceId, [NOW - 3 * HOUR, LAST.startedAtMs]])),
      }),
      progress: [progress({ answers })],
    });

  it('were not cycled: that wave is forgotten, earlier ones are not', () => {
    const made = plan(asked([NOT_YET, answer(nth(1), 'cycled')]));
    expect(made.memory.cycles).toEqual({
      [nth(0)]: [NOW - 3 * HOUR],
      [nth(1)]: [NOW - 3 * HOUR, LAST.startedAtMs],
      // the first of its AZ that was not asked yet
      [nth(4)]: [NOW],
    });
    expect(made.memory.undone).toEqual({ [nth(0)]: { answers: 1, atMs: LAST.startedAtMs, reason: 'not-yet' } });
  });

  it('for they had run the same wave, were cycled by it', () => {
    const made = plan(asked([answer(nth(0), 'nothing', 'same-wave'), answer(nth(1), 'cycled')]));
    expect(made.memory.cycles[nth(0)]).toEqual([NOW - 3 * HOUR, LAST.startedAtMs]);
    expect(made.memory.undone).toEqual({});
  });

  it('are counted once for each wave, however often SSM is asked', () => {
    const first = plan(asked([NOT_YET]));
    expect(first.memory.rollOuts.client?.commands).toEqual(LAST.commands);
    const again = plan({ ...asked([{ ...NOT_YET, reason: 'busy' }]), memory: first.memory });
    expect(again.memory.undone).toEqual({ [nth(0)]: { answers: 1, atMs: LAST.startedAtMs, reason: 'busy' } });
    const later = { ...LAST, startedAtMs: NOW - MINUTE };
    const next = plan({ ...asked([NOT_YET]), memory: { ...again.memory, rollOuts: { client: later } } });
    expect(next.memory.undone).toEqual({ [nth(0)]: { answers: 2, atMs: NOW - MINUTE, reason: 'not-yet' } });
  });

  /** Ticks a minute apart; every host of a wave gives this answer. Answers the minutes at which host 0 was asked. */
  function minutesOfAnswer(hosts: number, minutes: number, verdict: Pick<HostAnswer, 'kind' | 'reason'>): number[] {
    const asked: number[] = [];
    const judgements = clients(hosts).map((host) =>
      leftBehind(host, { measures: { ...judged(host).measures, ageSeconds: 7 * 24 * 3600 } }),
    );
    let at = given(judgements, { memory: memory({ rollOuts: { client: OVER } }) });
    for (let minute = 0; minute < minutes; minute += 1) {
      const made = plan(at);
      const wave = made.cycles.flatMap(({ instanceIds }) => instanceIds);
      if (wave.includes(nth(0))) asked.push(minute);
      const sent =
        wave.length > 0 ? [{ tier: 'client' as const, commands: [{ commandId: 'c', instanceIds: wave }] }] : [];
      at = {
        ...at,
        nowMs: at.nowMs + MINUTE,
        memory: rememberSent(made.memory, made.cycles, sent),
        progress: [progress({ answers: wave.map((instanceId) => ({ instanceId, ...verdict })) })],
      };
    }
    return asked;
  }

  it('are asked again after a pause that grows, and after a number of answers no more', () => {
    expect(minutesOfAnswer(1, 24 * 60, { kind: 'nothing', reason: 'already-right' })).toEqual([0, 1, 3, 6, 11]);
    const notYet = minutesOfAnswer(1, 24 * 60, { kind: 'nothing', reason: 'not-yet' });
    expect(notYet).toEqual([0, 1, 3, 6, 11, 16, 21, 26, 31, 36, 41, 46]);
  });

  it('are asked after all others', () => {
    expect(minutesOfAnswer(4, 9, { kind: 'nothing', reason: 'already-right' })).toEqual([0, 4, 8]);
  });

  it('are kept in mind for an hour when they look stale no more, and through a wave of others', () => {
    const given = asked([NOT_YET, answer(nth(1), 'cycled')]);
    const undone = {
      [nth(1)]: { answers: 3, atMs: NOW - HOUR, reason: 'busy' },
      [nth(2)]: { answers: 3, atMs: NOW - HOUR + 1, reason: 'busy' },
      [nth(3)]: { answers: 3, atMs: NOW - 5 * HOUR, reason: 'busy' },
    };
    const cured = given.judgements.map((judgement) =>
      [nth(1), nth(2)].includes(judgement.host.instanceId)
        ? judged(judgement.host, { measures: { ...judgement.measures, ageSeconds: 9 * 3600 } })
        : { ...judgement, measures: { ...judgement.measures, ageSeconds: 9 * 3600 } },
    );
    const made = plan({ ...given, judgements: cured, memory: { ...given.memory, undone } });
    expect(Object.keys(made.memory.undone).sort()).toEqual([nth(0), nth(2), nth(3)]);
  });

  it('are kept in mind while EC2 does not describe their AZ, and so is since when they are stale', () => {
    const given = asked([NOT_YET]);
    const judgements = given.judgements.filter(({ host }) => host.instanceId !== nth(0));
    const hosts = given.hosts.filter(({ instanceId }) => instanceId !== nth(0));
    const remembered = {
      ...given.memory,
      undone: { [nth(0)]: { answers: 3, atMs: NOW - HOUR, reason: 'busy' } },
      staleSinceMs: { [nth(0)]: NOW - HOUR },
    };
    const seen = { ...given, hosts, judgements, progress: [], memory: remembered };
    const kept = plan({ ...seen, unread: [nth(0)] }).memory;
    expect([kept.undone, kept.staleSinceMs[nth(0)]]).toEqual([remembered.undone, NOW - HOUR]);
    const forgotten = plan({ ...seen, unread: [] }).memory;
    expect([forgotten.undone, forgotten.staleSinceMs[nth(0)]]).toEqual([{}, undefined]);
  });

  it('of a roll-out that is not remembered are nobody', () => {
    const made = plan({ ...asked([NOT_YET]), memory: memory({ cycles: { [nth(0)]: [NOW - MINUTE] } }) });
    expect(made.memory.undone).toEqual({});
    expect(made.memory.cycles[nth(0)]).toEqual([NOW - MINUTE]);
  });
});
