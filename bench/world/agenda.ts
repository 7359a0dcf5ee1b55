interface Entry {
  atMs: number;
  order: number;
  run: () => void;
}

/** Simulated time: what is to happen, in order. Of two entries at one time the one entered first comes first. */
export class Agenda {
  nowMs: number;
  private readonly heap: Entry[] = [];
  private entered = 0;

  constructor(startMs: number) {
    this.nowMs = startMs;
  }

  at(atMs: number, run: () => void): void {
    this.entered += 1;
    const entry = { atMs: Math.max(atMs, this.nowMs), order: this.entered, run };
    let index = this.heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(entry, this.heap[parent] as Entry)) break;
      this.heap[index] = this.heap[parent] as Entry;
      index = parent;
    }
    this.heap[index] = entry;
  }

  in(seconds: number, run: () => void): void {
    this.at(this.nowMs + seconds * 1000, run);
  }

  runUntil(endMs: number): void {
    for (let first = this.heap[0]; first !== undefined && first.atMs < endMs; first = this.heap[0]) {
      this.removeFirst();
      this.nowMs = first.atMs;
      first.run();
    }
    this.nowMs = endMs;
  }

  private removeFirst(): void {
    const last = this.heap.pop() as Entry;
    if (this.heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= this.heap.length) break;
      if (child + 1 < this.heap.length && isBefore(this.heap[child + 1] as Entry, this.heap[child] as Entry))
        child += 1;
      if (!isBefore(this.heap[child] as Entry, last)) break;
      this.heap[index] = this.heap[child] as Entry;
      index = child;
    }
    this.heap[index] = last;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
