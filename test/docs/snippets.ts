import { readFileSync } from 'node:fs';
import { join } from 'node:path';

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
