import fleet from '../fleet.yml';
import { DAY_MS } from '../src/history/keys.ts';
import { answerRange, keptRange } from '../src/history/range.ts';
import { askedAt, rowsBetween } from '../src/history/reading.ts';
import { toldManifest } from '../src/watchdog/keep-manifests.ts';
import { tendHistories } from '../src/watchdog/tend-histories.ts';
import { FOLD, HISTORY, has, MANIFEST } from './invocation/history-payload.ts';
import { invocation } from './invocation/invocation.ts';
import { podNamed, read } from './invocation/payload.ts';
import { histories, historyObjects, historyVersions } from './lambda/adapters.ts';
import { runOf } from './lambda/run.ts';

/** How wrong a host's clock was, by hand; by schedule hours that are over are put in the order of hosts, and locked days get their manifest. */
export const handler = invocation(async (payload, context) => {
  if (has(payload, 'fold')) {
    read(FOLD, payload);
    const { call, deadline } = runOf(context);
    return tendHistories(fleet.pods, histories(call), deadline, Date.now());
  }
  if (has(payload, 'manifest')) {
    const asked = read(MANIFEST, payload);
    const pod = podNamed(asked.pod);
    return toldManifest(pod, historyVersions(runOf(context, pod.name).call, pod), asked.manifest);
  }
  const { pod: name, instanceId, at, from, to } = read(HISTORY, payload);
  const pod = podNamed(name);
  const objects = historyObjects(runOf(context, name).call, pod);
  const nowMs = Date.now();
  const asked = { pod: name, instanceId };
  if (at !== undefined) {
    const moment = { ...asked, atMs: Date.parse(at), nowMs, days: pod.history.days };
    return { ...asked, at, sentences: await askedAt(objects, moment) };
  }
  const toMs = to === undefined ? nowMs : Date.parse(to);
  const fromMs = from === undefined ? toMs - DAY_MS : Date.parse(from);
  const kept = keptRange({ fromMs, toMs, nowMs, days: pod.history.days });
  const { rows, faults } = await rowsBetween(objects, { ...asked, ...kept });
  const { sentences, rows: told } = answerRange(instanceId, rows);
  return { ...asked, sentences: [...sentences, ...kept.sentences, ...faults], rows: told };
});
