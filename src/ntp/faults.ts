import { NOT_AS_IT_CAME, printable } from '../fleet/printable.ts';
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
    if (this.kept.length < FAULT_LIMIT) this.kept.push({ line, field, text: printable(text, TEXT_LIMIT).text, reason });
    else this.leftOut += 1;
  }

  /** A field's text as it may be shown, which is a fault where that is not as it came. */
  shown(line: number, field: string, text: string): string {
    const { text: shown, escaped } = printable(text);
    if (escaped) this.add(line, field, text, NOT_AS_IT_CAME);
    return shown;
  }

  /** Whether such a fault is among them. */
  get tellsHostileText(): boolean {
    return this.kept.some(({ reason }) => reason === NOT_AS_IT_CAME);
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
