/** An error as a service of AWS answers it; each protocol has its own shape for it. */
export class AwsError extends Error {
  readonly code: string;
  /** HTTP status. */
  readonly status: number;
  /** Further members of the answer, beside code and message. */
  readonly members: Record<string, unknown>;
  /** Further headers of the answer. */
  readonly headers: Record<string, string>;

  constructor(
    code: string,
    message: string,
    status = 400,
    members: Record<string, unknown> = {},
    headers: Record<string, string> = {},
  ) {
    super(message);
    this.name = 'AwsError';
    this.code = code;
    this.status = status;
    this.members = members;
    this.headers = headers;
  }
}

/** The account that all resources are in. */
export const ACCOUNT_ID = '123456789012';
