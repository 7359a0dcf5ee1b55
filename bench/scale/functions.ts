import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bundleHandlers } from '../../infra/bundle/bundle.ts';
import { FLEET } from './fleet.ts';

export const ROOT = join(import.meta.dirname, '../..');

/** What a run took, of its process alone. */
export interface Invoked {
  answer?: unknown;
  answerBytes?: number;
  failed?: string;
  cpuMs: number;
  wallMs: number;
  logBytes: number;
  /** The most memory that the process had so far. */
  peakBytes: number;
}

export interface Bundled {
  file: string;
  bytes: number;
  /** Files that something of is in it. */
  inputs: string[];
  code: string;
}

export interface ProcessSettings {
  /** Where AWS is. */
  endpoint: string;
  /** Flags of Node. */
  flags?: string[];
}

/** Functions packaged as they are deployed, each run in a process of its own. */
export class Functions {
  private readonly folder = mkdtempSync(join(tmpdir(), 'podtime-scale-'));
  private readonly bundled = new Map<string, Promise<Bundled>>();

  /** Bundles a handler of the project, `handlers/watchdog` or `bench/scale/replay`, as packaging does. */
  bundle(module: string): Promise<Bundled> {
    const known = this.bundled.get(module) ?? this.bundleIn(ROOT, module);
    this.bundled.set(module, known);
    return known;
  }

  /** The same of a module that is written down here. */
  async bundleText(name: string, text: string): Promise<Bundled> {
    const service = join(this.folder, 'written');
    const file = join(service, `${name}.ts`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    try {
      symlinkSync(join(ROOT, 'node_modules'), join(service, 'node_modules'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    return this.bundleIn(service, name);
  }

  async start(module: string, settings: ProcessSettings): Promise<LambdaProcess> {
    return LambdaProcess.start((await this.bundle(module)).file, settings);
  }

  /** A file that goes with the rest. */
  fileNamed(name: string): string {
    return join(this.folder, name);
  }

  /** Removes what was made. */
  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async bundleIn(service: string, module: string): Promise<Bundled> {
    const [made] = await bundleHandlers(service, { [module]: `${module}.handler` }, FLEET);
    if (!made) throw new Error(`no bundle was made of ${module}`);
    const file = join(this.folder, 'bundles', made.path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, made.code);
    const code = new TextDecoder().decode(made.code);
    return { file, bytes: made.code.byteLength, inputs: made.inputs, code };
  }
}

/** What serverless.yml sets; the endpoint is the stand-in. */
const environment = (endpoint: string) => ({
  PATH: process.env.PATH,
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: 'us-west-2',
  AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'example',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  STAGE: 'bench',
  REPORT_BUCKET: 'podtime-bench-reports',
  COLLECT_DOCUMENT: 'podtime-bench-collect',
  CYCLE_DOCUMENT: 'podtime-bench-cycle',
});

interface Message extends Partial<Invoked> {
  imported?: { cpuMs: number; wallMs: number };
}

/** A cold function. */
export class LambdaProcess {
  private constructor(
    private readonly child: ChildProcess,
    /** What loading its module took. */
    readonly imported: { cpuMs: number; wallMs: number },
  ) {}

  static async start(file: string, { endpoint, flags = [] }: ProcessSettings): Promise<LambdaProcess> {
    const runner = join(import.meta.dirname, 'lambda.mjs');
    const child = fork(runner, [file], { env: environment(endpoint), execArgv: flags });
    const { imported } = await nextMessage(child);
    if (!imported) throw new Error('the process did not begin with what its import took');
    return new LambdaProcess(child, imported);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async invoke(event: unknown, timeoutSeconds: number): Promise<Invoked> {
    const answer = nextMessage(this.child);
    this.child.send({ event, timeoutSeconds });
    return (await answer) as Invoked;
  }

  /** Ends the process. */
  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.disconnect();
    await gone;
  }
}

/** Nobody listens: a function that is only loaded asks nobody. */
const NOWHERE = 'http://127.0.0.1:9';

/** What loading a function takes of the CPU, cold: in a process of its own, without the start of Node itself. */
export async function importCpuMs({ file }: Bundled): Promise<number> {
  const loaded = await LambdaProcess.start(file, { endpoint: NOWHERE });
  await loaded.end();
  return loaded.imported.cpuMs;
}

/** Rejects when the process ends first. */
function nextMessage(child: ChildProcess): Promise<Message> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null, signal: string | null) =>
      reject(new Error(`the function's process ended: ${signal ?? code}`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message as Message);
    });
  });
}

/** A run that must not fail. */
export async function succeeded(invoked: Promise<Invoked>, what: string): Promise<Invoked> {
  const done = await invoked;
  if (done.failed !== undefined) throw new Error(`${what} failed: ${done.failed}`);
  return done;
}
