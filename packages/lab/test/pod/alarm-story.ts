import { expect } from '@jest/globals';
import { lineOf, untilStatus } from './pod-status.ts';
import { instanceIdOf, type StartedPod } from './started-pod.ts';

/** What takes minutes of alarms goes on in pod green while blue's story is told: a test waits for each part of it. */
export interface AlarmStory {
  raised: Promise<void>;
  mended: Promise<void>;
}

const ALARMS = ['client-adrift', 'client-unsynchronised', 'client-coverage'];
const ofGreen = (alarm: string, state: string) => new RegExp(`alarm +podtime-local-green-${alarm} ${state}: `);

export function tellAlarmStory(pod: StartedPod): AlarmStory {
  const line = (pattern: RegExp, after: number) => lineOf(pod, pattern, after);
  const seen = (id: string, state: string) =>
    untilStatus(pod, 'green', state, ({ hosts }) =>
      hosts.find((host) => host.instanceId === id)?.state === state ? true : null,
    );
  const drifting = () => instanceIdOf(pod, 'green-client-c1');
  const raise = async () => {
    await untilStatus(pod, 'green', 'a healthy pod green', ({ hosts }) =>
      hosts.length === 5 && hosts.every(({ state }) => state === 'healthy') ? true : null,
    );
    const before = pod.lines.length;
    expect((await pod.verb('drift', 'green-client-c1', '80ms')).stdout).toBe(
      'The clock of green-client-c1 is held 80 ms off.\n',
    );
    await pod.verb('stop', 'green-client-a1');
    await pod.verb('mute', 'green-client-b1');
    await seen(await drifting(), 'adrift');
    for (const alarm of ALARMS) await line(ofGreen(alarm, 'ALARM'), before);
    const { stdout: inAlarm } = await pod.verb('alarms', 'green');
    for (const alarm of ALARMS)
      expect(inAlarm).toMatch(new RegExp(`^ALARM +[\\d:]{8} +podtime-local-green-${alarm} `, 'm'));
    expect(inAlarm).toMatch(/^ALARM +[\d:]{8} +podtime-local-green \(composite\) /m);
  };
  const mend = async () => {
    const before = pod.lines.length;
    expect((await pod.verb('mend')).stdout.split('\n')).toEqual(
      expect.arrayContaining([
        'The clock of green-client-c1 is no longer held 80 ms off.',
        'The ntpd of green-client-a1 runs again.',
        'The SSM agent of green-client-b1 runs again.',
      ]),
    );
    await seen(await drifting(), 'healthy');
    for (const alarm of ALARMS) await line(ofGreen(alarm, 'OK'), before);
    await line(/alarm +podtime-local-green OK: /, before);
  };
  const raised = raise();
  const mended = raised.then(mend);
  // their tests hear of it; nobody else is to
  mended.catch(() => {});
  return { raised, mended };
}
