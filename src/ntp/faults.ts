import type { Fault } from './source.ts';

/** Faults reported of one text. A megabyte of noise must not become a megabyte of report: the rest is counted. */
export const FAULT_LIMIT = 100;

/** Characters kept of the text at fault, as `Fault` promises. */
const TEXT_LIMIT = 80;

/** Collects what could not be read while a parser goes on reading. */
export class Faults {
  private readonly kept: Fault[] = [];
  private leftOut = 0;

  /** `line` is 1-based; `field` null when the whole row was lost. */
  add(line: number, field: string | null, text: string, reason: string): void {
    if (this.kept.length < FAULT_LIMIT) this.kept.push({ line, field, text: printable(text), reason });
    else this.leftOut += 1;
  }

  get empty(): boolean {
    return this.kept.length === 0;
  }

  /** In the order they were found; one more at the end counts those beyond the limit. */
  all(): Fault[] {
    if (this.leftOut === 0) return this.kept;
    const last = this.kept[this.kept.length - 1];
    const reason = `${this.leftOut} more faults, of which only the first ${FAULT_LIMIT} are told`;
    return [...this.kept, { line: last?.line ?? 1, field: null, text: '', reason }];
  }
}

/** Faults are read on terminals and pages: what a host printed must not steer either. */
function printable(text: string): string {
  let shown = '';
  for (const character of text.slice(0, TEXT_LIMIT)) shown += isControl(character) ? ' ' : character;
  return shown;
}

function isControl(character: string): boolean {
  const code = character.charCodeAt(0);
  return code < 0x20 || (code >= 0x7f && code < 0xa0);
}
