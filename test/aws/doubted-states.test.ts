import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Bench, BUCKET, startBench } from '@podtime/aws-endpoint/testing';
import { s3States } from '../../src/aws/states.ts';
import { emptyState, type State } from '../../src/state/state.ts';
import { StateConflict, type States } from '../../src/watchdog/ports.ts';
import { leaving, loggedCalls } from '../builders/aws-call.ts';

import { type ScriptedAnswer, type ScriptedAws, startScriptedAws } from '../builders/scripted-aws.ts';

const STATE: State = { ...emptyState('blue'), claim: { tickId: 'tick-1', startedAtMs: 1, untilMs: 2 } };
const ENDED: State = { ...STATE, claim: null, last: { tickId: 'tick-1', startedAtMs: 1, endedAtMs: 2 } };
const LOST: [string, { code: string; when: 'answer lost' | 'after' }][] = [
  ['is cut off', { code: 'x', when: 'answer lost' }],
  ['is an error of S3’s own', { code: 'InternalError', when: 'after' }],
];

describe.each([1, 3])(
  'a state that was written while the answer was lost, by a client of %i attempts',
  (maxAttempts) => {
    let bench: Bench;
    let states: States;
    beforeEach(async () => {
      bench = await startBench({ maxAttempts });
      states = s3States(bench.s3, BUCKET, loggedCalls().call, Date.now);
    });
    afterEach(() => bench.close());

    it.each(LOST)('is this tick’s own, and it goes on with its version: the answer %s', async (_, { code, when }) => {
      const first = await states.write(STATE, null);
      bench.endpoint.faults.next('PutObject', code, { when });
      const second = await states.write(ENDED, first);
      expect(await states.read('blue')).toMatchObject({ state: ENDED, etag: second });
      await states.write(STATE, second);
    });

    it('the first ever too', async () => {
      bench.endpoint.faults.next('PutObject', 'x', { when: 'answer lost' });
      const etag = await states.write(STATE, null);
      expect(await states.read('blue')).toMatchObject({ state: STATE, etag });
    });

    it('is a conflict where another tick has written meanwhile', async () => {
      const first = await states.write(STATE, null);
      await states.write({ ...STATE, dueAtMs: 7 }, first);
      bench.endpoint.faults.next('PutObject', 'x', { when: 'answer lost' });
      await expect(states.write(ENDED, first)).rejects.toThrow(StateConflict);
    });

    it('is a failure, and no other run’s doing, where it cannot be read back either', async () => {
      const first = await states.write(STATE, null);
      bench.endpoint.faults.next('PutObject', 'x', { when: 'answer lost' });
      bench.endpoint.faults.next('GetObject', 'AccessDenied');
      await expect(states.write(ENDED, first)).rejects.toThrow(/^writing the state of pod blue: /);
    });

    it('is not written where S3 did nothing, and that is no conflict', async () => {
      const first = await states.write(STATE, null);
      bench.endpoint.faults.next('PutObject', 'InternalError', { times: 3 });
      await expect(states.write(ENDED, first)).rejects.toThrow(
        'writing the state of pod blue: InternalError (log entry tick-1.1)',
      );
      bench.endpoint.faults.clear();
      expect((await states.read('blue')).state).toEqual(STATE);
    });

    it('is not asked for where S3 refused', async () => {
      bench.endpoint.faults.next('PutObject', 'AccessDenied', { times: 3 });
      bench.endpoint.faults.next('GetObject', 'AccessDenied', { times: 3 });
      await expect(states.write(STATE, null)).rejects.toThrow('writing the state of pod blue: AccessDenied');
    });
  },
);

describe('a state answered by', () => {
  let aws: ScriptedAws;
  let client: S3Client;
  afterEach(async () => {
    client.destroy();
    await aws.close();
  });
  const given = async (script: readonly ScriptedAnswer[]) => {
    aws = await startScriptedAws(script, { maxAttempts: 1 });
    client = new S3Client({ ...aws.config, forcePathStyle: true });
    return s3States(client, BUCKET, loggedCalls('tick-1', leaving(10_000)).call, Date.now);
  };
  const PAGE = { body: '<html><body>Sign in</body></html>', headers: { 'content-type': 'text/html' } };

  it.each<[string, ScriptedAnswer]>([
    ['a page of HTML', PAGE],
    ['nothing', { body: '' }],
    ['an empty object', { body: '', headers: { etag: '"1"' } }],
    ['a head and no body', 'head only'],
    ['half a body', 'half a body'],
    ['a body that is cut off', 'cut'],
    ['nothing, for ever', 'hang'],
  ])('%s is not taken for a lost one', async (_, answer) => {
    const states = await given([answer]);
    await expect(states.read('blue')).rejects.toThrow(
      /^reading the state of pod blue: (UnreadableAnswer: .*|TimeoutError|ECONNRESET) \(log entry tick-1\.1\)$/,
    );
  });

  it('an object of no bytes, by its ETag, is a lost state, which the next tick writes anew', async () => {
    const states = await given([{ body: '', headers: { etag: '"d41d8cd98f00b204e9800998ecf8427e"' } }]);
    expect(await states.read('blue')).toMatchObject({ lost: true });
  });

  it.each<ScriptedAnswer>(['half a body', 'cut', 'head only'])('%s is asked for again', async (answer) => {
    const states = await given([answer, { body: JSON.stringify(STATE), headers: { etag: '"2"' } }]);
    expect(await states.read('blue')).toMatchObject({ state: STATE, etag: '"2"' });
  });

  it.each<[string, ScriptedAnswer]>([
    ['a page of HTML', PAGE],
    ['nothing', { body: '' }],
  ])('%s is not taken for written', async (_, answer) => {
    const states = await given([answer]);
    await expect(states.write(STATE, null)).rejects.toThrow('UnreadableAnswer');
  });
});
