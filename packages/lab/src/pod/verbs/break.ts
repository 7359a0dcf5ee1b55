import { TAGS } from '../../../../../src/fleet/fleet.ts';
import { PodError } from '../host-directory.ts';
import type { LocalPod } from '../pod.ts';
import { isHeld } from './hosts.ts';

export function replace(pod: LocalPod, [az = '', name]: string[]): string[] {
  const inPod = name === undefined ? pod.directory.firstPod : pod.directory.pod(name);
  const { gone, come } = pod.replace(inPod, pod.directory.az(inPod, az));
  return [`${gone.name} (${gone.ipv4}) is terminated; ${come.name} (${come.ipv4}) boots in its place.`];
}

/** Any limit of podtime is passed long before; ntpd itself gives up at 1,000 s (its panic threshold). */
const MOST_DRIFT_MS = 3_600_000;

export async function drift(pod: LocalPod, [name = '', by = '']: string[]): Promise<string[]> {
  const { id, label } = pod.directory.hostOrServer(name);
  const read = /^([+-]?\d+(?:\.\d+)?)(ms|s|us)$/.exec(by);
  if (!read) throw new PodError(`'${by}' is no time. Write it like 80ms, -2.5s or 300us.`);
  const milliseconds = Number(read[1]) * { s: 1000, ms: 1, us: 0.001 }[read[2] as 's' | 'ms' | 'us'];
  if (Math.abs(milliseconds) > MOST_DRIFT_MS) {
    throw new PodError(`'${by}' is too much: a clock is held ${MOST_DRIFT_MS / 1000} s (an hour) off at most.`);
  }
  await pod.backend.drift(id, milliseconds);
  pod.damage.note('drift', id, `The clock of ${label} is no longer held ${milliseconds} ms off.`);
  return [`The clock of ${label} is held ${milliseconds} ms off.`];
}

export async function cut(pod: LocalPod, [what = '', name]: string[]): Promise<string[]> {
  const { id, label } = pod.directory.target(what, name);
  await pod.backend.cut(id);
  pod.damage.note('cut', id, `${label} is no longer cut off.`);
  return [`${label} is cut off.`];
}

export async function stop(pod: LocalPod, [name = '']: string[]): Promise<string[]> {
  const host = pod.directory.host(name);
  await pod.backend.stopDaemon(host.instanceId);
  pod.damage.note('stop', host.instanceId, `The ${host.daemon} of ${host.name} runs again.`);
  return [`The ${host.daemon} of ${host.name} is stopped.`];
}

export function mute(pod: LocalPod, [name = '']: string[]): string[] {
  const host = pod.directory.host(name);
  pod.backend.killAgent(host.instanceId);
  pod.damage.note('mute', host.instanceId, `The SSM agent of ${host.name} runs again.`);
  return [`The SSM agent of ${host.name} is dead.`];
}

export function hold(pod: LocalPod, [name = '']: string[]): string[] {
  const host = pod.directory.host(name);
  pod.endpoint.instances.tag(host.instanceId, { [TAGS.hold]: 'by hand' });
  return [`${host.name} is held: podtime looks and never touches it. To let it go: npm run pod -- unhold ${host.name}`];
}

export function unhold(pod: LocalPod, [name = '']: string[]): string[] {
  const host = pod.directory.host(name);
  if (!isHeld(pod, host)) return [`${host.name} was not held.`];
  pod.endpoint.instances.tag(host.instanceId, { [TAGS.hold]: null });
  return [`${host.name} is no longer held.`];
}

export function play(pod: LocalPod, [name = '', file = '']: string[], text: string | null): string[] {
  const host = pod.directory.host(name);
  if (text === null) throw new PodError(`What stands in ${file} was not sent.`);
  try {
    pod.backend.play(host.instanceId, text);
  } catch (error) {
    if (error instanceof RangeError) throw new PodError(`${error.message}.`);
    throw error;
  }
  pod.damage.note('play', host.instanceId, `${host.name} answers for itself again.`);
  return [`${host.name} answers with ${file} until it is mended.`];
}

export async function mend(pod: LocalPod, [what, name]: string[]): Promise<string[]> {
  const target = what === undefined ? null : pod.directory.target(what, name);
  const held = pod.directory
    .hosts()
    .filter((host) => (target === null || host.instanceId === target.id) && isHeld(pod, host));
  for (const { instanceId } of held) pod.endpoint.instances.tag(instanceId, { [TAGS.hold]: null });
  // also where no verb broke anything: a daemon may have died by itself
  await pod.backend.mend(target?.id);
  const mended = [...pod.damage.take(target?.id), ...held.map((host) => `${host.name} is no longer held.`)];
  if (mended.length > 0) return mended;
  return [target === null ? 'Nothing was broken.' : `Nothing of ${target.label} was broken.`];
}
