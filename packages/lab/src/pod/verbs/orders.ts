import { didYouMean } from '../client/nearest.mjs';
import { PodError } from '../host-directory.ts';
import type { LocalPod } from '../pod.ts';

const MODES = ['observe', 'act', 'hold'];

export function mode(pod: LocalPod, [name = '', wish = '']: string[]): string[] {
  const inPod = pod.directory.pod(name);
  if (!MODES.includes(wish)) {
    throw new PodError(`There is no mode ${wish}.${didYouMean(wish, MODES)} The modes are ${MODES.join(', ')}.`);
  }
  pod.setMode(inPod.name, wish);
  return [`Pod ${inPod.name} is in mode ${wish}.`];
}

export async function tick(pod: LocalPod, [name]: string[]): Promise<string[]> {
  return pod.tick((name === undefined ? pod.directory.firstPod : pod.directory.pod(name)).name);
}
