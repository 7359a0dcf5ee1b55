import type { PodStatus } from '../answers.ts';
import type { LocalPod } from '../pod.ts';
import type { Screen, Shown, Tone } from './screen.ts';

const TONES: Record<NonNullable<PodStatus['level']>, Tone> = {
  good: 'good',
  attention: 'doubtful',
  bad: 'bad',
  unknown: 'doubtful',
};

/** What podtime itself says, host by its name. */
export async function status(pod: LocalPod, [name]: string[]): Promise<Shown> {
  const names = name === undefined ? pod.directory.podNames : [pod.directory.pod(name).name];
  const answers = await Promise.all(names.map((each) => pod.status(each)));
  return {
    json: name === undefined ? answers : answers[0],
    lines: (screen) =>
      answers.flatMap((answer, index) => [...(index === 0 ? [] : ['']), ...linesOf(pod, answer, screen)]),
  };
}

function linesOf(pod: LocalPod, { level, sentences }: PodStatus, screen: Screen): string[] {
  const named = sentences.map((sentence) => sentence.replace(/\bi-[0-9a-f]{17}\b/g, (id) => pod.directory.nameOf(id)));
  const [first = '', ...others] = named;
  return [
    ...screen.item('', first, level === undefined ? 'quiet' : TONES[level]),
    ...others.flatMap((sentence) => screen.item('- ', sentence)),
  ];
}
