/**
 * Every client's retry setting. One-second polling of SSM is throttled in practice, Route 53 admits five requests a second and
 * account, and answers `PriorRequestNotComplete` while a zone is busy: adaptive mode slows the client to what the service takes.
 */
export const RETRYING = { retryMode: 'adaptive', maxAttempts: 8 } as const;
