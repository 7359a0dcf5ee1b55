/** FNV-1a over the labels: the same labels give the same number on every machine. */
export function hash(...labels: (string | number)[]): number {
  let value = 0x811c9dc5;
  for (const label of labels) {
    const text = String(label);
    for (let index = 0; index < text.length; index += 1) {
      value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
    }
    value = Math.imul(value ^ 0x2f, 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  return (value ^ (value >>> 13)) >>> 0;
}

/** A number from 0 to 1 that depends on the labels alone: the same happening falls out alike in both worlds. */
export function chanceOf(...labels: (string | number)[]): number {
  return hash(...labels) / 2 ** 32;
}

/** A stream of random numbers (mulberry32), the same for the same labels. */
export class Random {
  private state: number;

  constructor(...labels: (string | number)[]) {
    this.state = hash(...labels);
  }

  /** 0 <= x < 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  /** Whole numbers, both ends included. */
  whole(low: number, high: number): number {
    return Math.floor(this.between(low, high + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.next() * items.length)] as T;
  }
}
