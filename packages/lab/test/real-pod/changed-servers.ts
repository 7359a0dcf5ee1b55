import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Launch, RealPod } from './real-pod.ts';

/** Changes lines of the file that podtime has put on a host, and starts its daemon on it. */
async function change(pod: RealPod, { id }: Launch, edit: (file: string) => string): Promise<void> {
  const container = pod.hosts.get(id)?.container;
  if (!container) throw new Error(`there is no host ${id}`);
  container.configure(edit(readFileSync(join(container.root, container.installation.configPath), 'utf8')));
  await container.systemctl('restart');
}

/** The server believes each of its sources to be so far ahead of what it says: it is sure of itself, and serves that time. */
export function lie(pod: RealPod, launch: Launch, aheadMs: number): Promise<void> {
  return change(pod, launch, (file) => {
    const honest = file.replaceAll(/ offset \S+$/gm, '');
    return aheadMs === 0 ? honest : honest.replaceAll(/^server .*$/gm, `$& offset ${aheadMs / 1000}`);
  });
}

/** Equally good upstreams are followed by chance; servers that all follow one are one clock, and their clients no witnesses. */
export function followOwn(pod: RealPod, launch: Launch): Promise<void> {
  return change(pod, launch, (file) =>
    file.replace(new RegExp(`^server ${launch.az}\\.stratum-2\\..*$`, 'm'), '$& prefer'),
  );
}
