import type { AwsResponse, InterceptedCall } from '@podtime/aws-endpoint';

/** An answer's fields, and the answer without one of them: what is optional in an answer of AWS may be missing. */

type Json = { [key: string]: Json } | Json[] | string | number | boolean | null;

/** Headers of an answer that its operation's output reads. */
const HEADERS_READ = ['etag'];

/** Each field of the answer by its path, `Commands.Status`: whatever stands in a list counts as one. */
export function fieldsOf({ headers, body }: AwsResponse): string[] {
  const text = body.toString();
  const own = HEADERS_READ.filter((name) => headers[name] !== undefined).map((name) => `header ${name}`);
  if (isXml(text)) return [...own, ...new Set(elementsOf(text).map(({ path }) => path))].filter((path) => path !== '');
  const json = jsonOf(text, headers);
  return json === null ? own : [...own, ...new Set(pathsOf(json, ''))];
}

export function withoutField(response: AwsResponse, field: string): AwsResponse {
  const { headers, body } = response;
  if (field.startsWith('header ')) {
    const kept = Object.entries(headers).filter(([name]) => name !== field.slice('header '.length));
    return { ...response, headers: Object.fromEntries(kept) };
  }
  const text = body.toString();
  if (isXml(text)) return { ...response, body: withoutElement(text, field) };
  const json = jsonOf(text, headers);
  return { ...response, body: JSON.stringify(json === null ? null : withoutPath(json, field.split('.'))) };
}

/** S3's objects are JSON too, and no output of an operation. */
function jsonOf(text: string, headers: Record<string, string>): Json | null {
  if (!(headers['content-type'] ?? '').startsWith('application/x-amz-json')) return null;
  return text === '' ? null : (JSON.parse(text) as Json);
}

function pathsOf(value: Json, path: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => pathsOf(item, path));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const own = path === '' ? key : `${path}.${key}`;
    return [own, ...pathsOf(inner, own)];
  });
}

function withoutPath(value: Json, [first = '', ...rest]: string[]): Json {
  if (Array.isArray(value)) return value.map((item) => withoutPath(item, [first, ...rest]));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, inner]) => {
    if (key !== first) return [[key, inner] as const];
    return rest.length === 0 ? [] : [[key, withoutPath(inner, rest)] as const];
  });
  return Object.fromEntries(entries);
}

const isXml = (text: string) => text.startsWith('<?xml');

interface Element {
  /** Below the root: `reservationSet.item.reservationId`. */
  path: string;
  start: number;
  end: number;
}

const TAG = /<(\/?)([A-Za-z][\w:]*)[^>]*?(\/?)>/g;

function elementsOf(xml: string): Element[] {
  const found: Element[] = [];
  const open: { name: string; start: number }[] = [];
  const pathOf = () =>
    open
      .map(({ name }) => name)
      .slice(1)
      .join('.');
  for (const tag of xml.matchAll(TAG)) {
    const [text, closing, name = '', alone] = tag;
    const end = tag.index + text.length;
    if (closing === '') open.push({ name, start: tag.index });
    if (closing === '' && alone === '') continue;
    found.push({ path: pathOf(), start: open.at(-1)?.start ?? 0, end });
    open.pop();
  }
  return found;
}

function withoutElement(xml: string, path: string): string {
  const gone = elementsOf(xml).filter((element) => element.path === path);
  return gone
    .toSorted((a, b) => b.start - a.start)
    .reduce((text, { start, end }) => text.slice(0, start) + text.slice(end), xml);
}

/** How each paged operation tells of a next page, and what an empty page is. */
const PAGES: Record<string, { token(body: string): string; empty(body: string): string }> = {
  'ec2:DescribeInstances': {
    token: (body) =>
      body.replace('</DescribeInstancesResponse>', '<nextToken>again</nextToken></DescribeInstancesResponse>'),
    empty: (body) => body.replace(/<reservationSet>.*<\/reservationSet>/s, '<reservationSet/>'),
  },
  'route53:ListResourceRecordSets': {
    token(body) {
      const name = /<NextRecordName>(.*?)<\/NextRecordName>/.exec(body)?.[1] ?? 'ntp.az-a.pod.';
      const next = `<IsTruncated>true</IsTruncated><NextRecordName>${name}</NextRecordName><NextRecordType>A</NextRecordType><NextRecordIdentifier>again</NextRecordIdentifier>`;
      const plain = body.replace(/<Next\w+>.*?<\/Next\w+>/g, '');
      return plain.replace(/<IsTruncated>\w+<\/IsTruncated>/, next);
    },
    empty: (body) => body.replace(/<ResourceRecordSets>.*<\/ResourceRecordSets>/s, '<ResourceRecordSets/>'),
  },
  'ssm:ListCommands': jsonPages('Commands'),
  'ssm:ListCommandInvocations': jsonPages('CommandInvocations'),
};

function jsonPages(list: string) {
  const change = (body: string, member: Record<string, Json>) => JSON.stringify({ ...JSON.parse(body), ...member });
  return {
    token: (body: string) => change(body, { NextToken: 'again' }),
    empty: (body: string) => change(body, { [list]: [] }),
  };
}

/** Whether the operation answers in pages. */
export function isPaged(operation: string): boolean {
  return operation in PAGES;
}

/** Whether a request asks for the page that `withToken` promises. */
export function asksForNextPage({ query, body }: InterceptedCall['request']): boolean {
  return query.get('identifier') === 'again' || /NextToken(=|":")again/.test(body.toString());
}

export function withToken(operation: string, response: AwsResponse): AwsResponse {
  const { token = (body: string) => body } = PAGES[operation] ?? {};
  return { ...response, body: token(response.body.toString()) };
}

export function emptied(operation: string, response: AwsResponse): AwsResponse {
  const { empty = (body: string) => body } = PAGES[operation] ?? {};
  return { ...response, body: empty(response.body.toString()) };
}
