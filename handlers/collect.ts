import fleet from '../fleet.yml';
import { ANSWER_BYTES, fitAnswer } from '../src/report/fit.ts';
import { lookByHand } from '../src/watchdog/look-by-hand.ts';
import { COLLECT } from './invocation/collect-payload.ts';
import { invocation } from './invocation/invocation.ts';
import { podNamed, read } from './invocation/payload.ts';
import { looking } from './lambda/adapters.ts';
import { runOf } from './lambda/run.ts';

const bytesOf = (answer: unknown) => Buffer.byteLength(JSON.stringify(answer));

/** A live look at a pod, or at some of its hosts. Of more hosts than an answer holds (some 2,000) the most urgent. */
export const handler = invocation(async (payload, context) => {
  const { pod: name, instanceIds } = read(COLLECT, payload);
  const pod = podNamed(name);
  const invoked = runOf(context, pod.name);
  const run = { ports: looking(invoked), fleet, pod, ...invoked, nowMs: Date.now };
  return fitAnswer(await lookByHand(run, instanceIds ?? null), ANSWER_BYTES, bytesOf);
});
