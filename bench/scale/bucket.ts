/** A token bucket as AWS's APIs have: full at first, refilled evenly. */
export interface BucketRate {
  perSecond: number;
  burst: number;
}

export class Bucket {
  private tokens: number;
  private filledAtMs: number;

  constructor(
    readonly rate: BucketRate,
    nowMs: number,
  ) {
    this.tokens = rate.burst;
    this.filledAtMs = nowMs;
  }

  /** Whether a request is admitted now. */
  take(nowMs: number): boolean {
    const refill = ((nowMs - this.filledAtMs) / 1000) * this.rate.perSecond;
    this.tokens = Math.min(this.rate.burst, this.tokens + refill);
    this.filledAtMs = nowMs;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}

/** The least time in which a full bucket admits so many requests, however they are made. */
export function bucketSeconds(requests: number, { perSecond, burst }: BucketRate): number {
  return Math.max(0, (requests - burst) / perSecond);
}
