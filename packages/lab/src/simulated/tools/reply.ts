import type { ToolReply } from '../shell.ts';

/** Printed to stdout, exit 0. */
export function printed(stdout: string, waitMs = 0): ToolReply {
  return { exitCode: 0, stdout, stderr: '', waitMs };
}

export function failed(exitCode: number, text: { stdout?: string; stderr?: string }, waitMs = 0): ToolReply {
  return { exitCode, stdout: text.stdout ?? '', stderr: text.stderr ?? '', waitMs };
}
