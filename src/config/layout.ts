import { type Rendered, seal } from './seal.ts';
import { pathOf, type Target, titleOf } from './target.ts';
import { type Version, versionText } from './versions.ts';

/** Lines of a configuration that belong together. */
export interface Block {
  /** Why they are there, unless that is plain. */
  why?: string;
  lines: string[];
}

/** Comments of daemons' files are wrapped here. */
const WIDTH = 100;

/** What a drift file is for; every daemon has one, each in its own folder. */
export const DRIFT = "By how much this host's crystal is off, kept for the next start.";

/** The last line: a file without it was cut off. */
export const END = '# end';

/** A configuration file's name, and the class of versions that it is for. */
export interface Served {
  file: string;
  version: Version;
}

/** A configuration file: its head, its blocks, each under its comment, and its end. */
export function layOut(target: Target, { file, version }: Served, blocks: readonly Block[]): Rendered {
  const query = version.length === 0 ? '' : `?version=${versionText(version)}`;
  const head = [
    titleOf(target, file),
    ...comment(
      `Rendered by podtime from its fleet file, served as ${pathOf(target, file)}${query}, put here by boot.sh, which will do so again: change the fleet file, not this one. The line above names the SHA-256 of all other lines, by its first 16 digits.`,
    ),
  ];
  const body = blocks
    .filter(({ lines }) => lines.length > 0)
    .flatMap(({ why, lines }) => ['', ...(why === undefined ? [] : comment(why)), ...lines]);
  return seal([...head, ...body, '', END], 1);
}

function comment(text: string): string[] {
  const lines: string[] = [];
  let line = '#';
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = '#';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
