import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type Answer, type Asked, controlPath } from './client/ask.mjs';
import { PodError } from './host-directory.ts';
import type { LocalPod } from './pod.ts';
import { runVerb } from './verbs/verbs.ts';

/** Takes verbs one by one. A socket left behind by a pod that was killed is taken over: the AWS port proves that it is gone. */
export async function serveControl(pod: LocalPod, awsPort: number, parent?: string): Promise<Server> {
  const path = controlPath(awsPort, parent);
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
    return { ok: true, lines: await runVerb(pod, askedIn(body)) };
  } catch (error) {
    return { ok: false, lines: [error instanceof Error ? error.message : String(error)] };
  }
}

function askedIn(body: string): Asked {
  const { args, json, text, terminal }: Partial<Record<keyof Asked, unknown>> = JSON.parse(body);
  if (!Array.isArray(args) || !args.every((arg) => typeof arg === 'string'))
    throw new PodError('A verb is a list of words.');
  const { colours, columns } = { ...(terminal as Partial<Asked['terminal']> | undefined) };
  return {
    args,
    json: json === true,
    text: typeof text === 'string' ? text : null,
    terminal: { colours: colours === true, columns: typeof columns === 'number' ? columns : null },
  };
}
