import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readScript } from '../../infra/script-files.ts';
import { type DocumentName, ssmDocument } from '../../infra/template/documents.ts';
import { whereIs } from './programs.ts';
import { Replies, type Reply } from './replies.ts';

const PROJECT = join(import.meta.dirname, '../..');
const FIXTURES = join(PROJECT, 'test/fixtures/host');

/** Captured output of a real daemon's tool. */
export function captured(name: string): string {
  return readFileSync(join(FIXTURES, `${name}.txt`), 'utf8');
}

export function wholeScript(name: DocumentName): string {
  return readScript(PROJECT, name);
}

/** What SSM's agent writes to a file and runs: the document's lines with the parameters put in. */
export function interpolated(name: DocumentName, parameters: Record<string, string>): string {
  const document = documents.get(name) ?? ssmDocument(name, wholeScript(name));
  documents.set(name, document);
  return document.mainSteps[0].inputs.runCommand
    .map((line) =>
      line.replace(/\{\{ (\w+) \}\}/g, (_, key: string) => parameters[key] ?? document.parameters[key]?.default ?? ''),
    )
    .join('\n');
}

const documents = new Map<DocumentName, ReturnType<typeof ssmDocument>>();

export const SHELL_NAMES = ['dash', 'bash', 'busybox'] as const;
export type ShellName = (typeof SHELL_NAMES)[number];

/** The shells of this machine; CI's has all of them (shells.test.ts). HOST_SHELL=dash: that one alone (scripts/delete-lines.ts). */
export const SHELLS: readonly ShellName[] = SHELL_NAMES.filter(
  (shell) => whereIs(shell) !== null && (process.env.HOST_SHELL ?? shell) === shell,
);

/** All that a document may use of a host beside its daemons, resolver and service manager. */
const TOOLS = [
  'sh',
  'sed',
  'grep',
  'awk',
  'cat',
  'tr',
  'mv',
  'rm',
  'mkdir',
  'ln',
  'readlink',
  'stat',
  'sync',
  'timeout',
];

/** What answers for the tools of a host, and for its clock. */
const REPLAY = readShim('replay');
const CLOCK = readShim('clock');

function readShim(name: string): string {
  return readFileSync(join(import.meta.dirname, 'shims', `${name}.sh`), 'utf8');
}

const toolFolders = new Map<ShellName, string>();

/** A folder with TOOLS and the clock, for all hosts with this shell; it goes with the run's temporary folder. */
function toolsFor(shell: ShellName): string {
  const folder = toolFolders.get(shell) ?? linkTools(shell, mkdtempSync(join(tmpdir(), 'podtime-tools-')), TOOLS);
  toolFolders.set(shell, folder);
  return folder;
}

function linkTools(shell: ShellName, folder: string, tools: readonly string[]): string {
  for (const tool of tools) {
    const program = whereIs(shell === 'busybox' ? 'busybox' : tool);
    if (program !== null) symlinkSync(program, join(folder, tool));
  }
  symlinkSync(whereIs('date') ?? 'date', join(folder, 'true-date'));
  for (const tool of ['date', 'sleep']) writeFileSync(join(folder, tool), CLOCK, { mode: 0o755 });
  return folder;
}

export interface Outcome {
  stdout: string;
  stderr: string;
  status: number | null;
  /** First line of stdout. */
  verdict: string;
}

/** Seconds since the epoch when a host begins. */
export const NOW = 1_795_000_000;

/** A host of its own: a file tree, stand-ins on a PATH that holds nothing else but TOOLS, and a clock. */
export class Host {
  readonly root = mkdtempSync(join(tmpdir(), 'podtime-host-'));
  private readonly world = join(this.root, '.world');
  private readonly bin = join(this.world, 'bin');
  private readonly replies = new Replies();
  /** Options of the shell that runs the documents: `-e`. */
  shellOptions: string[] = [];
  /** Of the environment in which the documents run, beside the PATH. */
  variables: Record<string, string> = {};
  /** What the documents' standard input holds. */
  input = '';
  private readonly otherLimits: Record<string, number> = {};
  private usualTools: string;

  constructor(readonly shell: ShellName) {
    this.usualTools = toolsFor(shell);
    mkdirSync(join(this.world, 'replies'), { recursive: true });
    mkdirSync(this.bin);
    writeFileSync(join(this.world, 'stage'), 'before 0\n');
    writeFileSync(join(this.world, 'calls'), '');
    this.now = NOW;
  }

  get now(): number {
    return Number(readFileSync(join(this.world, 'now'), 'utf8'));
  }

  set now(seconds: number) {
    writeFileSync(join(this.world, 'now'), `${seconds}\n`);
  }

  /** Writes a file of the host; `age` sets its time so many seconds before now. */
  file(path: string, text: string, age?: number): this {
    const place = this.at(path);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, text);
    if (age !== undefined) utimesSync(place, this.now - age, this.now - age);
    return this;
  }

  /** Text of a file of the host, or null. */
  read(path: string): string | null {
    return existsSync(this.at(path)) ? readFileSync(this.at(path), 'utf8') : null;
  }

  /** Names in a folder of the host. */
  list(path: string): string[] {
    return readdirSync(this.at(path)).sort();
  }

  at(path: string): string {
    return join(this.root, path);
  }

  /** The host has these tools; they fail for all that `on` does not tell. */
  tools(...tools: string[]): this {
    for (const tool of tools) this.replies.addTool(tool);
    return this;
  }

  /** What a command line prints; `stage`: `before` any act, or `restart+2` from 2 s after that act on. */
  on(command: string, reply: Reply | string, stage = 'before'): this {
    this.replies.add(command, typeof reply === 'string' ? { stdout: reply } : reply, stage);
    return this;
  }

  /** From now on this command line is an act that begins the stage. */
  acts(command: string, stage: string, reply: Reply | string = ''): this {
    this.replies.addAct(command, stage);
    return this.on(command, reply);
  }

  /** Every call of a stand-in so far, one a line, `date` and `sleep` left out. */
  calls(): string[] {
    const lines = readFileSync(join(this.world, 'calls'), 'utf8').trimEnd().split('\n');
    return lines.filter((line) => line !== '' && !/^(date|sleep) /.test(line));
  }

  run(name: DocumentName, parameters: Record<string, string> = {}): Outcome {
    const [program, args] = this.command(name, parameters);
    const { root: cwd, input } = this;
    return outcome(
      spawnSync(program, args, { cwd, input, env: this.environment(), encoding: 'utf8', timeout: 60_000 }),
    );
  }

  /** The same, beside whatever else runs. */
  async start(name: DocumentName, parameters: Record<string, string> = {}): Promise<Outcome> {
    const [program, args] = this.command(name, parameters);
    const child = spawn(program, args, { env: this.environment(), stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const status = await new Promise<number | null>((ended) => child.on('close', ended));
    return outcome({ stdout, stderr, status });
  }

  private command(name: DocumentName, parameters: Record<string, string>): [string, string[]] {
    const script = join(this.world, `${name}-${scripts++}.sh`);
    let text = interpolated(name, parameters);
    for (const [limit, seconds] of Object.entries(this.otherLimits))
      text = text.replace(new RegExp(`^${limit}=\\d+$`, 'm'), `${limit}=${seconds}`);
    writeFileSync(script, text);
    for (const tool of this.replies.write(join(this.world, 'replies')))
      if (!existsSync(join(this.bin, tool))) writeFileSync(join(this.bin, tool), REPLAY, { mode: 0o755 });
    const applet = this.shell === 'busybox' ? ['sh'] : [];
    return [whereIs(this.shell) ?? 'sh', [...applet, ...this.shellOptions, script]];
  }

  private environment(): Record<string, string> {
    return { ...this.variables, PATH: `${this.bin}:${this.usualTools}`, PODTIME_ROOT: this.root, WORLD: this.world };
  }

  /** Puts a script of its own in the place of a stand-in. */
  standIn(tool: string, script: string): this {
    writeFileSync(join(this.bin, tool), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return this;
  }

  /** The host lacks one of TOOLS. */
  without(tool: string): this {
    const folder = join(this.world, 'tools');
    mkdirSync(folder);
    this.usualTools = linkTools(
      this.shell,
      folder,
      TOOLS.filter((each) => each !== tool),
    );
    return this;
  }

  /** Takes other limits (`NAME=SECONDS` of the shell), for a test that waits for them. */
  limits(limits: Record<string, number>): this {
    Object.assign(this.otherLimits, limits);
    return this;
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

let scripts = 0;

function outcome(ended: { stdout: string; stderr: string; status: number | null }): Outcome {
  const { stdout, stderr, status } = ended;
  return { stdout, stderr, status, verdict: stdout.split('\n')[0] ?? '' };
}
