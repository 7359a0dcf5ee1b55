import { describe, expect, it } from '@jest/globals';
import { hostId } from '@podtime/aws-endpoint/testing';
import type { TestedPod } from '../builders/endpoint-pod.ts';
import { podWithShortRuns, staleIds } from '../builders/short-runs.ts';

let pod: TestedPod;
const { addManyStale, nextMinute, scheduledRun, minutes, until, cycledIds } = podWithShortRuns((started) => {
  pod = started;
});

describe('SSM’s lists behind its counts', () => {
  const SILENT = hostId(23);
  const BEHIND = "SSM's lists do not agree yet on the last wave of pod blue: the next wave waits.";

  /** A first wave of three, one of which says nothing: it is over by silence. */
  async function givenSilent(): Promise<void> {
    addManyStale(12);
    const silent = pod.agents.get(SILENT);
    const run = silent?.run;
    if (silent && run) {
      silent.run = (script, ...rest) => (script.includes('collect') ? run(script, ...rest) : new Promise(() => {}));
    }
    await scheduledRun();
  }
  let asked = 0;
  /** Until it is called SSM's list of what a wave's hosts answered is empty. */
  function givenEmptyList(): () => void {
    const { commands } = pod.run.ports;
    const { progress } = commands;
    asked = 0;
    commands.progress = (...given) => {
      asked += 1;
      pod.endpoint.faults.next('ListCommandInvocations', 'InvalidCommandId', { message: '' });
      return progress(...given);
    };
    return () => {
      commands.progress = progress;
    };
  }

  it('make no host of a wave that ends by silence a failed one: it waits, and goes on when they are listed', async () => {
    await givenSilent();
    const list = givenEmptyList();
    const sentences = await minutes(4);
    expect(sentences).toContain(BEHIND);
    expect(pod.state()?.waves.client).toMatchObject({ waveId: 'tick-1-client', failed: 0 });
    list();
    await until(() => cycledIds().length === 11, 6);
    expect(pod.memory().rollOuts.client).toMatchObject({ failed: [SILENT], stopped: false });
    expect(cycledIds()).toEqual(staleIds(12).filter((id) => id !== SILENT));
  });

  it('are asked again ever more rarely, not at each look', async () => {
    await givenSilent();
    givenEmptyList();
    await until(() => asked > 0, 4);
    const inOneRun = asked;
    asked = 0;
    await minutes(1);
    expect(inOneRun).toBeLessThanOrEqual(4);
    expect(asked).toBe(4);
  });

  it('make a tick wait as well', async () => {
    await givenSilent();
    const list = givenEmptyList();
    await minutes(3);
    const { report } = await pod.tick({ tickId: 'tick-9' });
    expect(report.cycles).toEqual([]);
    expect(pod.memory().rollOuts.client).toMatchObject({ waveId: 'tick-1-client', failed: [] });
    list();
    await pod.tick({ tickId: 'tick-10' });
    expect(pod.memory().rollOuts.client).toMatchObject({ waveId: 'tick-10-client', failed: [SILENT] });
  });

  it('and a command that they do not show: its hosts are not said to be silent', async () => {
    // as many as may run at one time: no count shows that SSM has begun with them
    addManyStale(3);
    await scheduledRun();
    const { commands } = pod.run.ports;
    const ports = { ...pod.run.ports, commands: { ...commands, findWave: async () => [] } };
    pod.events.length = 0;
    for (let minute = 0; minute < 3; minute += 1) {
      await nextMinute();
      expect(await scheduledRun({ ports })).toEqual([
        'Wave tick-1-client of pod blue is under way: 0 of 1 through. SSM does not list all of its commands.',
      ]);
    }
    expect(pod.events.filter(({ kind }) => kind === 'object put')).toEqual([]);
  });
});
