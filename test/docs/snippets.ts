import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** A fenced block of a page. */
export interface Snippet {
  /** `sh`, `yaml`, … */
  language: string;
  text: string;
  /** Of its first line, from 1. */
  line: number;
}

/** All fenced blocks of a page of docs/, in order. */
export function snippetsOf(page: string): Snippet[] {
  const text = pageText(page);
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(({ 1: language, 2: body, index }) => ({
    language: String(language),
    text: String(body),
    line: text.slice(0, index).split('\n').length + 1,
  }));
}

export function pageText(page: string): string {
  return readFileSync(join(import.meta.dirname, '../../docs', page), 'utf8');
}

/** What the user data of deploy.md is made of. */
export interface CloudConfig {
  packages: string[];
  write_files: { path: string; permissions?: string; content: string }[];
  runcmd: string[];
}

/** Text of the user data of deploy.md. */
export function userData(): string {
  const [found] = snippetsOf('deploy.md').filter(({ text }) => text.startsWith('#cloud-config\n'));
  return found?.text ?? '';
}

/** A file that the user data of deploy.md writes. */
export function cloudConfigFile(path: string): string {
  const found = (parse(userData()) as CloudConfig).write_files.find((file) => file.path === path);
  if (!found) throw new Error(`the cloud-config writes no ${path}`);
  return found.content;
}
