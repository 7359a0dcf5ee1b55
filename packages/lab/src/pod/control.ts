import { rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { PodError } from './host-directory.ts';
import { controlPath } from './leftovers.ts';
import type { LocalPod } from './pod.ts';
import { runVerb } from './verbs.ts';

export interface Answer {
  ok: boolean;
  lines: string[];
}

/** A verb and its words. `text`: what stands in the file that a verb names; the pod reads no file for anybody. */
export interface Asked {
  args: string[];
  text: string | null;
}

/** Takes verbs one by one. A socket left behind by a pod that was killed is taken over: the AWS port proves that it is gone. */
export async function serveControl(pod: LocalPod, awsPort: number): Promise<Server> {
  const path = controlPath(awsPort);
  rmSync(path, { force: true });
  const server = createServer(async (asked, response) => {
    let body = '';
    for await (const chunk of asked) body += chunk;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(await answer(pod, body)));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return server;
}

async function answer(pod: LocalPod, body: string): Promise<Answer> {
  try {
    const { args, text }: Partial<Record<keyof Asked, unknown>> = JSON.parse(body);
    if (!Array.isArray(args) || !args.every((arg) => typeof arg === 'string'))
      throw new PodError('A verb is a list of words.');
    return { ok: true, lines: await runVerb(pod, args, typeof text === 'string' ? text : null) };
  } catch (error) {
    return { ok: false, lines: [error instanceof Error ? error.message : String(error)] };
  }
}

/** Asks the pod that runs; null when none runs there. */
export function askPod(awsPort: number, asked: Asked): Promise<Answer | null> {
  return new Promise((resolve, reject) => {
    // a connection of its own: one kept from the last verb may be closed by the pod at this moment
    const to = { socketPath: controlPath(awsPort), method: 'POST', path: '/', agent: false } as const;
    const asking = request(to, async (response) => {
      let body = '';
      for await (const chunk of response) body += chunk;
      resolve(JSON.parse(body) as Answer);
    });
    asking.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(null);
      else reject(error);
    });
    asking.end(JSON.stringify(asked));
  });
}
