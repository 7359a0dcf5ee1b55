import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Reply {
  stdout?: string;
  stderr?: string;
  status?: number;
  /** It prints that and does not end; the host has a pipe `.world/never`. */
  hangs?: boolean;
}

interface Kept {
  /** Shell that prints the reply, by its stage: `before` any act, or `restart+2` from 2 s after that act on. */
  stages: Map<string, string>;
  /** The stage that the command line begins. */
  act?: string;
}

/** What the tools of a host answer, by their command lines; shims/replay.sh reads it, from one file a tool. */
export class Replies {
  private readonly tools = new Map<string, Map<string, Kept>>();
  private readonly unwritten = new Set<string>();

  /** The tool fails for all that it has no reply to. */
  addTool(tool: string): void {
    if (this.tools.has(tool)) return;
    this.tools.set(tool, new Map());
    this.unwritten.add(tool);
  }

  add(command: string, { stdout = '', stderr = '', status = 0, hangs = false }: Reply, stage: string): void {
    this.keptFor(command).stages.set(
      stage,
      `${printing(stdout, '')}${printing(stderr, ' >&2')}${hangs ? 'read -r _ <"$WORLD/never"\n' : ''}${status === 0 ? '' : `status=${status}\n`}:\n`,
    );
  }

  addAct(command: string, stage: string): void {
    this.keptFor(command).act = stage;
  }

  /** Writes what has changed since the last time; the tools whose replies these are. */
  write(folder: string): string[] {
    const tools = [...this.unwritten];
    for (const tool of tools) writeFileSync(join(folder, tool), scriptOf(this.tools.get(tool) ?? new Map()));
    this.unwritten.clear();
    return tools;
  }

  private keptFor(command: string): Kept {
    const [tool = ''] = command.split(' ');
    const args = command.slice(tool.length + 1);
    this.addTool(tool);
    this.unwritten.add(tool);
    const commands = this.tools.get(tool) as Map<string, Kept>;
    const kept = commands.get(args) ?? { stages: new Map() };
    commands.set(args, kept);
    return kept;
  }
}

function scriptOf(commands: Map<string, Kept>): string {
  const cases = [...commands].map(([args, { stages, act }]) => {
    const later = [...stages]
      .filter(([stage]) => stage !== 'before')
      .map(([stage, shell]) => ({ name: stage.split('+')[0], seconds: Number(stage.split('+')[1]), shell }))
      .toSorted((one, other) => other.seconds - one.seconds)
      .map(({ name, seconds, shell }) => `[ "$stage" = ${name} ] && [ "$passed" -ge ${seconds} ]; then\n${shell}`);
    const before = stages.get('before') ?? UNKNOWN;
    const choice = later.length === 0 ? before : `if ${later.join('elif ')}else\n${before}fi\n`;
    return `${quoted(args)})\n${choice}${act === undefined ? '' : `act=${act}\n`};;\n`;
  });
  return `case "$*" in\n${cases.join('')}*)\n${UNKNOWN};;\nesac\n`;
}

const UNKNOWN = 'echo "$tool: no reply to $*" >&2\nexit 4\n';

function printing(text: string, to: string): string {
  return text === '' ? '' : `printf %s ${quoted(text)}${to}\n`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
