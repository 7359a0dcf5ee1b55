import { STATUS_CODES } from 'node:http';
import type { APIGatewayProxyResult } from 'aws-lambda';

/**
 * An answer that is an error (RFC 9457). `detail` goes out as it stands: a sentence for whoever called, never an inner
 * error's text. Handlers throw it; `http.ts` answers it.
 */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly status: number,
    readonly detail: string,
    readonly headers: Record<string, string> = {},
    options?: ErrorOptions,
  ) {
    super(detail, options);
  }

  answer(): APIGatewayProxyResult {
    return {
      statusCode: this.status,
      headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...this.headers },
      // without a type it is `about:blank`: the title is the status's own
      body: `${JSON.stringify({ title: STATUS_CODES[this.status], status: this.status, detail: this.detail })}\n`,
    };
  }
}
