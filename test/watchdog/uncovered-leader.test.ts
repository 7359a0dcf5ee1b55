import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hostId } from '@podtime/aws-endpoint/testing';
import { addressOf, startPod, type TestedPod } from '../builders/endpoint-pod.ts';

let pod: TestedPod;
beforeEach(async () => {
  pod = await startPod();
  pod.run.pod = { ...pod.pod, together: true };
  pod.mode('observe');
});
afterEach(() => pod.close());

const TEN_MINUTES_MS = 600_000;
const [A, B, C] = ['us-west-2a', 'us-west-2b', 'us-west-2c'];
const UPSTREAMS = ['192.0.2.1', '192.0.2.2'];
const prints = (tracking: string, rows: readonly string[], ageSeconds = 86_400) =>
  [
    'podtime-collect 1',
    'found chrony 4.9 service=chronyd file=/etc/chrony.conf',
    `age ${ageSeconds}`,
    'cycled -',
    'revision 0123456789abcdef',
    'names us-west-2b.stratum-2.invalid',
    'literals -',
    'system chronyc',
    tracking,
    'sources chronyc',
    ...rows,
    'end',
    '',
  ].join('\n');
/** Root delay and root dispersion in seconds; a skew of 0.05 ppm. */
const tracking = (refid: string, name: string, stratum: number, delay: number, dispersion: number) =>
  `${refid},${name},${stratum},1795383293.4,0.0,0.0,0.0,1.5,0.0,0.05,${delay},${dispersion},64.1,Normal`;
const row = (tally: string, address: string, stratum: number, reach = '377', when = 12) =>
  `^,${tally},${address},${stratum},6,${reach},${when},0.00002,0.00002,0.0001`;
/** By true clocks, within 10 ms by its own word. */
const WELL = prints(
  tracking('C0000201', '192.0.2.1', 3, 0.002, 0.009),
  UPSTREAMS.map((each, index) => row(index === 0 ? '*' : '+', each, 2)),
);
const SILENT = UPSTREAMS.map((each) => row('?', each, 2, '0', 600));
const LEADING = prints(tracking('7F7F0101', '', 10, 0, 0), SILENT);
const following = (address: string, stratum: number, ageSeconds?: number) =>
  prints(tracking('0A000101', address, stratum + 1, 0.001, 0.001), [...SILENT, row('*', address, stratum)], ageSeconds);

const LEADER = addressOf(11, A);
const SECOND = addressOf(12, B);

describe('a pod that keeps one time, and has lost all true time', () => {
  /** Judgements by the number of the host. */
  const boundsAt = async (tickId: string, numbers: readonly number[]) => {
    const { report } = await pod.tick({ tickId });
    return numbers.map((n) => {
      const host = report.hosts.find(({ instanceId }) => instanceId === hostId(n));
      return [n, host?.state, host?.measures.errorBoundMs ?? null];
    });
  };
  const rememberedOf = (n: number) => pod.memory().lastBounds?.[hostId(n)]?.boundMs ?? null;

  /** A server that leads and two hosts behind it, one after the other. */
  function given(isLeaderKnown: boolean) {
    const answers = { leader: { prints: WELL }, second: { prints: WELL }, client: { prints: WELL } };
    const agent = pod.addHost(11, 'boundary', A, {}, answers.leader);
    agent.online = isLeaderKnown;
    pod.addHost(12, 'boundary', B, {}, answers.second);
    pod.addHost(21, 'client', C, {}, answers.client);
    const lose = async () => {
      agent.online = true;
      answers.leader.prints = LEADING;
      answers.second.prints = following(LEADER, 10);
      answers.client.prints = following(SECOND, 11);
      await pod.clock.advance(TEN_MINUTES_MS);
    };
    return { answers, agent, lose };
  }

  it('has a bound of no clock that follows one that it never saw with true time, tick after tick', async () => {
    const { answers, agent, lose } = given(false);
    await pod.tick();
    expect([rememberedOf(11), rememberedOf(12)]).toEqual([null, expect.closeTo(10, 0)]);
    await lose();
    const unknown = [11, 12, 21].map((n) => [n, 'holdover', null]);
    expect(await boundsAt('tick-2', [11, 12, 21])).toEqual(unknown);
    expect([rememberedOf(11), rememberedOf(12)]).toEqual([null, null]);
    // it ends, and who followed it leads
    agent.online = false;
    answers.second.prints = LEADING;
    answers.client.prints = following(SECOND, 10);
    await pod.clock.advance(TEN_MINUTES_MS);
    expect(await boundsAt('tick-3', [12, 21])).toEqual(unknown.slice(1));
    answers.second.prints = WELL;
    await pod.clock.advance(TEN_MINUTES_MS);
    await pod.tick({ tickId: 'tick-4' });
    expect(rememberedOf(12)).toEqual(expect.closeTo(10, 0));
  });

  it('has one of all that follow a clock that it knew, and of a server that was launched since', async () => {
    const { answers, agent, lose } = given(true);
    await pod.tick();
    await lose();
    const launched = { prints: following(LEADER, 10, 60) };
    pod.addHost(13, 'boundary', C, {}, launched);
    // 10 ms, and 15 ppm of ten minutes
    const first = await boundsAt('tick-2', [11, 12, 13, 21]);
    expect(first.map(([, , boundMs]) => boundMs)).toEqual([19, 21, 21, 21].map((each) => expect.closeTo(each, 0)));
    expect(rememberedOf(13)).toBe(rememberedOf(11));
    // the one that was launched leads, after the two others
    agent.online = false;
    answers.second.prints = following(addressOf(13, C), 10);
    launched.prints = LEADING;
    await pod.clock.advance(TEN_MINUTES_MS);
    const then = await boundsAt('tick-3', [12, 13, 21]);
    expect(then.map(([, , boundMs]) => boundMs)).toEqual([30, 28, 30].map((each) => expect.closeTo(each, 0)));
  });

  it('keeps the bound of who still follows that time, though all servers have true time again', async () => {
    const { answers, lose } = given(true);
    await pod.tick();
    await lose();
    expect(await boundsAt('tick-2', [21])).toEqual([[21, 'holdover', expect.closeTo(21, 0)]]);
    // the client has not asked since
    answers.leader.prints = WELL;
    answers.second.prints = WELL;
    await pod.clock.advance(TEN_MINUTES_MS);
    const [server, behind] = await boundsAt('tick-3', [11, 21]);
    expect([server?.[2], behind]).toEqual([expect.closeTo(10, 0), [21, 'holdover', expect.closeTo(30.7, 1)]]);
    answers.client.prints = following(SECOND, 3);
    await pod.clock.advance(TEN_MINUTES_MS);
    expect((await boundsAt('tick-4', [21])).map(([, , boundMs]) => boundMs)).toEqual([expect.closeTo(39.7, 1)]);
    await pod.clock.advance(TEN_MINUTES_MS);
    // 1.5 ms by its own word, 15 ppm of 12 s, and what its server does not serve of 64 s
    expect((await boundsAt('tick-5', [21])).map(([, , boundMs]) => boundMs)).toEqual([expect.closeTo(2.6, 0)]);
    expect(pod.memory().heldBounds).toBeUndefined();
  });
});
