import { createHash } from 'node:crypto';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { PAGE_POLICY } from '../../src/report/page/document.ts';
import { problemPage } from '../../src/report/page/problem-page.ts';
import { wantsPage } from '../http/caller.ts';
import type { Page } from '../http/http.ts';
import type { Problem } from '../http/problem.ts';

/** What every page goes out with: nothing may run, frame it, guess its type, or learn where a link was followed. */
const PAGE_HEADERS = {
  'content-security-policy': PAGE_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  vary: 'accept',
};

const HTML = 'text/html; charset=utf-8';

/** A page of a browser. It may ask whether its own is still it, and keeps none. */
export function pageFor(text: string): Page {
  const tag = createHash('sha256').update(text).digest('base64url').slice(0, 22);
  return { type: HTML, body: text, tag, headers: PAGE_HEADERS };
}

/** To a browser a problem is a page too; to others what it is everywhere (RFC 9457). */
export function showProblem(
  { status, detail, headers }: Problem,
  event: APIGatewayProxyEvent,
): APIGatewayProxyResult | null {
  if (event.resource.endsWith('.json') || !wantsPage(event)) return null;
  const all = { 'content-type': HTML, 'cache-control': 'no-store', ...PAGE_HEADERS, ...headers };
  return { statusCode: status, headers: all, body: problemPage(status, detail) };
}
