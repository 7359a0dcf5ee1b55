import { parseCollected } from '../../../../src/host/collect.ts';
import type { Source } from '../../../../src/ntp/source.ts';
import { hastenClock } from '../../src/real/own-clock.ts';
import type { RealPod, WholeHost, WholeReport } from './real-pod.ts';
import { eventually, host } from './setup.ts';

const UPSTREAMS = ['192.0.2.60', '192.0.2.61', '192.0.2.62'];
/** 256 s: a register is empty after 34 minutes, so that for long nothing but the age of rows tells of silence. */
const POLL = 'minpoll 8 maxpoll 8';

/** An ntpd whose seconds, by its timer, are a twentieth as long; and by its clock, once it hears nobody. */
export const SILENCED = host('green', 'client', 'a', 'ntpsec', 110, {
  boots: false,
  ownClock: { aheadSeconds: 0, times: 20 },
  config: [
    ...['restrict default nomodify noquery', 'restrict 127.0.0.1', 'restrict ::1'],
    ...UPSTREAMS.map((address) => `server ${address} iburst ${POLL}`),
    '',
  ].join('\n'),
});

/** What it printed of its system peer, and how podtime judged it by that. */
export interface Look {
  state: string;
  sentence: string;
  errorBoundMs: number;
  peer: Pick<Source, 'whenSeconds' | 'reach' | 'tally'> | null;
}

function lookIn(pod: RealPod, { hosts, collectCommandIds }: WholeReport): Look {
  const row = hosts.find(({ instanceId }) => instanceId === SILENCED.id) as WholeHost;
  const printed = pod.endpoint
    .commands()
    .filter(({ commandId }) => collectCommandIds.includes(commandId))
    .flatMap(({ invocations }) => invocations)
    .find(({ instanceId }) => instanceId === SILENCED.id)?.stdout;
  const peer = parseCollected(printed ?? '')?.sources.find(({ tally }) => tally === '*');
  return {
    state: row.state,
    sentence: row.sentence,
    errorBoundMs: row.measures.errorBoundMs ?? Number.NaN,
    peer: peer ? { whenSeconds: peer.whenSeconds, reach: peer.reach, tally: peer.tally } : null,
  };
}

/** Cut off, look by look until it is in holdover. */
export async function longSilence(pod: RealPod): Promise<Look[]> {
  const look = async () => lookIn(pod, await pod.tick('green'));
  await eventually('it follows somebody', 90, look, ({ peer }) => peer !== null);
  await pod.hosts.cut(SILENCED.id);
  hastenClock(pod.hosts.get(SILENCED.id)?.root ?? '');
  const looks: Look[] = [];
  await eventually(
    'holdover',
    120,
    async () => {
      const seen = await look();
      looks.push(seen);
      return seen;
    },
    ({ state }) => state === 'holdover',
  );
  return looks;
}
