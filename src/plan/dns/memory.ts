/** What the plan of DNS must remember from tick to tick. */
export interface DnsMemory {
  /** boundary instance id -> since when (epoch ms) sightings say unsynchronised or adrift; for people. */
  unhealthySinceMs: Record<string, number>;
  /**
   * boundary instance id -> for how long sightings have proved that, and when the last of them was (null: it has been
   * silent since).
   */
  unhealthy: Record<string, { provenMs: number; seenMs: number | null }>;
  /** boundary instance ids withdrawn for their health, with the sentence why. Also read by `register`. */
  withdrawn: Record<string, { sinceMs: number; sentence: string; addresses: string[] }>;
  /** Set identifiers whose instance EC2 did not know at the last read. */
  unknownToEc2: string[];
}
