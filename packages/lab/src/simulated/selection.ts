/** What the mitigation algorithms need of one source (RFC 5905, 11.2). Milliseconds. */
export interface Candidate {
  offsetMs: number;
  /** Root distance: how wrong it can be. */
  distanceMs: number;
  jitterMs: number;
  stratum: number;
  prefer: boolean;
}

/** RFC 5905, 11.2.2: no source is voted out below so many survivors. */
const MIN_SURVIVORS = 3;
/** RFC 5905, MINDISP: also what one stratum weighs in the choice of the system peer. */
const MIN_DISPERSION_MS = 1;

/**
 * The smallest interval that most sources agree on (RFC 5905, 11.2.1; Marzullo): tried with no falseticker, then one, and
 * so on below half. null: no majority.
 */
export function intersection(candidates: readonly Candidate[]): { lowMs: number; highMs: number } | null {
  const edges = candidates
    .flatMap(({ offsetMs, distanceMs }) => [
      { type: -1, atMs: offsetMs - distanceMs },
      { type: 1, atMs: offsetMs + distanceMs },
    ])
    .sort((a, b) => a.atMs - b.atMs || a.type - b.type);
  for (let falsetickers = 0; 2 * falsetickers < candidates.length; falsetickers++) {
    const needed = candidates.length - falsetickers;
    const lowMs = firstCovered(edges, -1, needed);
    const highMs = firstCovered(edges.toReversed(), 1, needed);
    if (lowMs !== null && highMs !== null && highMs > lowMs) return { lowMs, highMs };
  }
  return null;
}

function firstCovered(edges: readonly { type: number; atMs: number }[], opens: number, needed: number): number | null {
  let covered = 0;
  for (const edge of edges) {
    covered += edge.type === opens ? 1 : -1;
    if (covered >= needed) return edge.atMs;
  }
  return null;
}

/** Those whose interval overlaps the agreed one. */
export function truechimers<T extends Candidate>(candidates: readonly T[]): T[] {
  const agreed = intersection(candidates);
  if (agreed === null) return [];
  return candidates.filter(
    ({ offsetMs, distanceMs }) => offsetMs + distanceMs >= agreed.lowMs && offsetMs - distanceMs <= agreed.highMs,
  );
}

/** How far a source lies from the others: the RMS of the differences (RFC 5905, 11.2.2, psi_s). */
function selectionJitter(of: Candidate, among: readonly Candidate[]): number {
  if (among.length < 2) return 0;
  const squares = among.reduce((sum, other) => sum + (other.offsetMs - of.offsetMs) ** 2, 0);
  return Math.sqrt(squares / (among.length - 1));
}

export interface Chosen<T> {
  survivors: T[];
  best: T;
  /** The survivors' offsets, weighted by their distances. */
  offsetMs: number;
  jitterMs: number;
}

/** Votes outliers out and picks the system peer (RFC 5905, 11.2.2 and 11.2.3; the metric of ntpd 4.2.8). */
export function cluster<T extends Candidate>(truthful: readonly T[]): Chosen<T> | null {
  const survivors = [...truthful];
  while (survivors.length > MIN_SURVIVORS) {
    const leastJitterMs = Math.min(...survivors.map((candidate) => candidate.jitterMs));
    const worst = survivors
      .map((candidate) => ({ candidate, jitterMs: selectionJitter(candidate, survivors) }))
      .reduce((a, b) => (b.jitterMs * b.candidate.distanceMs > a.jitterMs * a.candidate.distanceMs ? b : a));
    if (worst.jitterMs <= leastJitterMs || worst.candidate.prefer) break;
    survivors.splice(survivors.indexOf(worst.candidate), 1);
  }
  const metric = (candidate: T) =>
    (selectionJitter(candidate, survivors) * candidate.distanceMs) / 1000 + candidate.stratum * MIN_DISPERSION_MS;
  const first = survivors[0];
  if (first === undefined) return null;
  const best =
    survivors.find((candidate) => candidate.prefer) ??
    survivors.reduce((a, b) => (metric(b) < metric(a) ? b : a), first);
  return { survivors, best, ...combine(survivors, best) };
}

function combine(survivors: readonly Candidate[], best: Candidate): { offsetMs: number; jitterMs: number } {
  const weights = survivors.map((candidate) => 1 / candidate.distanceMs);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = (of: (candidate: Candidate) => number) =>
    survivors.reduce((sum, candidate, index) => sum + (weights[index] ?? 0) * of(candidate), 0) / total;
  return {
    offsetMs: mean((candidate) => candidate.offsetMs),
    jitterMs: Math.sqrt(
      mean((candidate) => (candidate.offsetMs - best.offsetMs) ** 2) + selectionJitter(best, survivors) ** 2,
    ),
  };
}
