import { didYouMean } from '../client/nearest.mjs';
import { PodError } from '../host-directory.ts';
import type { LocalPod } from '../pod.ts';
import type { Shown } from './screen.ts';

export function records(pod: LocalPod, [name]: string[]): Shown {
  const inPod = name === undefined ? null : pod.directory.pod(name);
  const found = pod.endpoint
    .records()
    .filter(({ type, name: record }) => (type === 'A' || type === 'AAAA') && isIn(inPod?.zone.name, record));
  const owner = (id: string | null) => (id === null ? '-' : pod.directory.nameOf(id));
  const rows = found.map((record) => [
    record.name.replace(/\.$/, ''),
    record.type,
    record.values.join(', '),
    String(record.ttlSeconds),
    owner(record.setIdentifier),
    record.served ? { text: 'in sync', tone: 'good' as const } : { text: 'pending', tone: 'doubtful' as const },
  ]);
  return {
    json: found,
    lines: (screen) => screen.table(['NAME', 'TYPE', 'ADDRESS', 'TTL', 'OWNER', 'STATE'], rows),
  };
}

/** `ntp.az-b.pod.` is in `pod`, and not in `green.pod`; `ntp.az-b.green.pod.` only in the latter: between are `ntp` and the AZ. */
function isIn(zone: string | undefined, record: string): boolean {
  return zone === undefined || record.replace(/\.$/, '').split('.').slice(2).join('.') === zone;
}

export function metrics(pod: LocalPod, words: string[]): Shown {
  const isPod = (word: string) => pod.directory.podNames.includes(word);
  const [name] = words.length === 1 ? words.filter((word) => !isPod(word)) : words;
  const podName = words.length === 1 ? words.find(isPod) : words[1];
  const inPod = podName === undefined ? null : pod.directory.pod(podName).name;
  const known = pod.endpoint.metrics().filter(({ dimensions }) => inPod === null || dimensions.Pod === inPod);
  const found = known.filter((metric) => name === undefined || metric.name === name);
  if (name !== undefined && found.length === 0) throw new PodError(noSuchMetric(name, known));
  const number = (value: number | null) => (value === null ? '-' : String(Number(value.toFixed(3))));
  const rows = found.map((metric) => [
    metric.name,
    Object.values(metric.dimensions).join('/'),
    String(metric.sampleCount),
    number(metric.minimum),
    number(metric.p50),
    number(metric.p99),
    number(metric.maximum),
    metric.unit,
  ]);
  return {
    json: found,
    lines: (screen) => screen.table(['METRIC', 'POD/TIER/AZ', 'SAMPLES', 'MIN', 'P50', 'P99', 'MAX', 'UNIT'], rows),
  };
}

function noSuchMetric(name: string, known: readonly { name: string }[]): string {
  const names = [...new Set(known.map((metric) => metric.name))].sort();
  const there = names.length === 0 ? 'None has been published yet.' : `There are ${names.join(', ')}.`;
  return `There is no metric ${name}.${didYouMean(name, names)} ${there}`;
}
