import { afterEach } from '@jest/globals';
import type { Host } from './host.ts';

const hosts: Host[] = [];

afterEach(() => {
  for (const host of hosts.splice(0)) host.remove();
});

/** The host, which is removed when the test that made it has ended. */
export function kept<T extends Host>(host: T): T {
  hosts.push(host);
  return host;
}
