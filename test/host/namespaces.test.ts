import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { cannotHaveNamespaces, Network, namespaceOf } from './namespaces.ts';

describe('a network of namespaces', () => {
  const reason = cannotHaveNamespaces();
  const really = reason === null ? it : it.skip;
  const ip = (...args: string[]) => execFileSync('ip', args, { encoding: 'utf8' });

  really(
    `takes away what a run that was killed has left behind${reason === null ? '' : ` (skipped: ${reason})`}`,
    () => {
      const ended = spawnSync('true').pid;
      const dead = namespaceOf('a', `${ended}.12345`);
      // its id is this process's now
      const reused = namespaceOf('b', `${process.pid}.1`);
      const own = namespaceOf('c');
      const older = namespaceOf('d', String(process.pid));
      for (const namespace of [dead, reused, own, older]) ip('netns', 'add', namespace);
      const network = new Network();
      try {
        const left = ip('netns', 'list');
        expect([dead, reused, own, older].map((namespace) => left.includes(namespace))).toEqual([
          false,
          false,
          true,
          true,
        ]);
      } finally {
        network.remove();
        for (const namespace of [own, older]) ip('netns', 'del', namespace);
      }
    },
  );
});
