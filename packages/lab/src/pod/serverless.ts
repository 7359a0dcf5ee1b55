import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { productEnvironment } from './environment.ts';

const STAGE = 'local';

/** osls's own command, run by this very node. */
function slsPath(): string {
  const require = createRequire(import.meta.url);
  return join(dirname(require.resolve('serverless/package.json')), 'bin', 'serverless.js');
}

/** What this stage has otherwise: its fleet, and a bucket named beforehand, since no CloudFormation names it. */
function stageParams(fleetFile: string): string[] {
  return ['--param', `fleet=${fleetFile}`, '--param', `reportBucket=podtime-${STAGE}-reports`];
}

/** What the child says, for when it fails: the end of it. */
function tailOf(child: ChildProcess): () => string {
  let tail = '';
  const keep = (chunk: Buffer) => {
    tail = (tail + chunk.toString()).slice(-4000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  return () => tail.trim();
}

export interface OfflineOptions {
  projectFolder: string;
  /** Within the project, or absolute. */
  fleetFile: string;
  /** Where the template is to stand, and the archives. */
  packageFolder: string;
  httpPort: number;
  lambdaPort: number;
  /** Of the local AWS endpoint. */
  awsUrl: string;
  region: string;
  /** Ends the process, also while it starts. */
  stop: AbortSignal;
  /** Hears the process, before it is up. */
  onStart(pid: number): void;
  /** Hears that the template and the archives are there; the functions are served next. */
  onPackaged(): void;
}

export interface Offline {
  /** Calls a function as Lambda would and answers what it did; rejects when it failed. */
  invoke(functionName: string, payload: unknown): Promise<unknown>;
  /** Settles when the process has ended, with what it said last. */
  ended: Promise<string>;
  close(): Promise<void>;
}

const GATEWAY = new URL('gateway.mjs', import.meta.url).href;
const ENDS_WITH_PARENT = new URL(`ends-with-parent.mjs?parent=${process.pid}`, import.meta.url).href;
/** What osls writes last of all that it packages. */
export const TEMPLATE = 'cloudformation-template-update-stack.json';

const END_WITHIN_MS = 8000;

/**
 * The product itself: packaged as `sls package` does, then served by serverless-offline with the functions of serverless.yml,
 * their SDK clients pointed at the local endpoint by the environment alone. Events and schedules come from the endpoint. One
 * run of osls does both: its start and the bundles would be half of the time until the pod is up. However long that takes, it rejects
 * only when the process has ended, with what it said.
 */
export async function startOffline(options: OfflineOptions): Promise<Offline> {
  const { projectFolder, fleetFile, packageFolder, httpPort, lambdaPort, awsUrl, region, stop } = options;
  const child = spawn(
    process.execPath,
    [
      ...['--import', ENDS_WITH_PARENT, '--import', GATEWAY],
      slsPath(),
      'offline',
      ...['--stage', STAGE, '--region', region, '--package', packageFolder],
      ...['--host', '127.0.0.1', '--httpPort', String(httpPort), '--lambdaPort', String(lambdaPort)],
      // each of the runs that go on at once would load its function into a thread of its own; tests try each function alone
      '--useInProcess',
      ...stageParams(fleetFile),
    ],
    {
      cwd: projectFolder,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: stop,
      env: productEnvironment(process.env, { awsUrl, region }),
    },
  );
  if (child.pid !== undefined) options.onStart(child.pid);
  const outputTail = tailOf(child);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => {
      // an aborted child is still to end
      if (child.pid === undefined) resolve(error.message);
    });
    child.once('exit', () => resolve(outputTail()));
  });
  const url = `http://127.0.0.1:${lambdaPort}/2015-03-31/functions`;
  const offline: Offline = {
    ended,
    async invoke(functionName, payload) {
      const answer = await fetch(`${url}/${functionName}/invocations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-amz-invocation-type': 'RequestResponse' },
        body: JSON.stringify(payload),
      });
      const body = await answer.text();
      const failed = answer.headers.get('x-amzn-errortype') ?? answer.headers.get('x-amz-function-error');
      if (!answer.ok || failed) throw new Error(messageIn(body) ?? `${answer.status} ${body.slice(0, 300)}`);
      return answerIn(body);
    },
    async close() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS);
      await ended;
      clearTimeout(timer);
    },
  };
  try {
    await ready({ url: `http://127.0.0.1:${httpPort}`, template: join(packageFolder, TEMPLATE), ended, options });
    return offline;
  } catch (error) {
    await offline.close();
    throw error;
  }
}

/** Any answer at all is one: a path that does not exist is answered too. */
async function ready(what: {
  url: string;
  template: string;
  ended: Promise<string>;
  options: OfflineOptions;
}): Promise<void> {
  let over: string | null = null;
  void what.ended.then((lastOutput) => {
    over = lastOutput;
  });
  for (let isPackaged = false; ; ) {
    if (over !== null) throw new Error(`serverless-offline ended before it was up:\n${over}`);
    if (!isPackaged && existsSync(what.template)) {
      isPackaged = true;
      what.options.onPackaged();
    }
    try {
      await fetch(what.url);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function messageIn(body: string): string | null {
  try {
    const read = JSON.parse(body) as { errorMessage?: unknown };
    return typeof read.errorMessage === 'string' ? read.errorMessage : null;
  } catch {
    return null;
  }
}

/** serverless-offline puts a text that a function answered between quotes as it is; all else is JSON. */
export function answerIn(body: string): unknown {
  return body.startsWith('"') ? body.slice(1, -1) : JSON.parse(body);
}
