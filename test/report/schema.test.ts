import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { reportSchemaPage } from '../../scripts/report-schema.ts';
import { hostReportOf, summaryOf } from '../../src/report/compose.ts';
import { readReport } from '../../src/report/read-report.ts';
import type { Report } from '../../src/report/report.ts';
import { emptyReport } from '../builders/empty-report.ts';
import { judgement } from '../builders/judgements.ts';

const docs = (file: string) => readFileSync(join(import.meta.dirname, '../../docs', file), 'utf8');

describe('the published schema', () => {
  it('is made of the one by which reports are read (npm run docs:report)', () => {
    expect(docs('report.schema.json')).toBe(reportSchemaPage());
  });
});

const STALE = { rule: 'unjoined' as const, names: ['ntp.az-b.pod'], addresses: [], sentence: 'left behind.' };
const JUDGED = [
  judgement('i-00000000000000001', 'client', 'b', { stale: STALE }),
  judgement('i-00000000000000002', 'boundary', 'c', { state: 'adrift', cycledSecondsAgo: 12.5 }),
];
const REPORT: Report = {
  ...emptyReport('blue'),
  hosts: JUDGED.map(hostReportOf),
  summary: summaryOf(JUDGED),
  memory: { ...emptyReport('blue').memory, unhealthy: { 'i-00000000000000002': { provenMs: 0, seenMs: null } } },
};

describe('a report', () => {
  it('is read as it was written, field by field', () => {
    const { report, fault } = readReport(JSON.stringify(REPORT), 'blue');
    expect(fault).toBeNull();
    expect(report).toEqual(REPORT);
  });

  it.each<[string, (report: Report) => unknown]>([
    ['hosts', ({ hosts: [first, ...rest] }) => ({ hosts: [{ ...first, state: 'drunk' }, ...rest] })],
    ['hosts', ({ hosts: [first, ...rest] }) => ({ hosts: [{ ...first, measures: { offsetMs: '1' } }, ...rest] })],
    ['mode', () => ({ mode: 'destroy' })],
    ['changes', () => ({ changes: [{ action: 'CREATE' }] })],
    ['memory.unhealthy', ({ memory }) => ({ memory: { ...memory, unhealthy: { 'i-1': { provenMs: 'x' } } } })],
    ['memory.rollOuts', ({ memory }) => ({ memory: { ...memory, rollOuts: { upstream: {} } } })],
    ['memory.staleSinceMs', ({ memory: { staleSinceMs: _, ...memory } }) => ({ memory })],
  ])('with a fault in %s is not used, and the field named', (field, change) => {
    const broken = { ...REPORT, ...(change(REPORT) as object) };
    expect(readReport(JSON.stringify(broken), 'blue')).toEqual({
      report: null,
      fault: `The last report of pod blue is damaged (${field}): what it remembered (withdrawn servers, roll-outs) is lost.`,
    });
  });
});

interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  required?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
}

describe('docs/openapi.yml', () => {
  const api = parse(docs('openapi.yml'), { merge: true }) as { components: { schemas: Record<string, Schema> } };
  const resolve = (schema: Schema): Schema =>
    schema.$ref ? resolve(api.components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}) : schema;

  /** What the two say differently of the same place; formats and bounds are openapi's alone. */
  function differences(published: Schema, described: Schema, place: string): string[] {
    const mine = published.anyOf ? collapsed(published.anyOf) : published;
    const theirs = resolve(described);
    const found = [
      ...differs(place, 'types', typesOf(mine), typesOf(theirs)),
      ...differs(place, 'values', valuesOf(mine), valuesOf(theirs)),
    ];
    if (mine.items) found.push(...differences(mine.items, theirs.items ?? {}, `${place}[]`));
    // what is podtime's own (the memory) is described by report.schema.json alone
    if (mine.properties && theirs.properties) {
      found.push(...differs(place, 'required', mine.required ?? [], theirs.required ?? []));
      for (const name of new Set([...Object.keys(mine.properties), ...Object.keys(theirs.properties)])) {
        const [own, other] = [mine.properties[name], theirs.properties[name]];
        if (own && other) found.push(...differences(own, other, `${place}.${name}`));
        else found.push(`${place}.${name} is only in ${own ? 'report.schema.json' : 'openapi.yml'}`);
      }
    }
    return found;
  }

  /** `x or null` as one schema. */
  function collapsed(options: Schema[]): Schema {
    const [only, ...others] = options.filter(({ type }) => type !== 'null');
    if (!only || others.length > 0) return { type: 'string' };
    return options.length > 1 ? { ...only, type: [...typesOf(only), 'null'] } : only;
  }

  const typesOf = ({ type }: Schema) => [type ?? []].flat().map((name) => (name === 'integer' ? 'number' : name));
  const valuesOf = (schema: Schema) => (schema.const === undefined ? (schema.enum ?? []) : [schema.const]);
  const differs = (place: string, what: string, mine: unknown[], theirs: unknown[]) =>
    JSON.stringify(mine.toSorted()) === JSON.stringify(theirs.toSorted())
      ? []
      : [`${place}: ${what} ${JSON.stringify(mine)} and ${JSON.stringify(theirs)}`];

  it('says of status.json what report.schema.json says, and that its sentences come with it', () => {
    const { required = [], properties = {} } = api.components.schemas.Status ?? {};
    const { sentences, ...others } = properties;
    expect(sentences).toBeDefined();
    expect(required).toContain('sentences');
    const described = { required: required.filter((name) => name !== 'sentences'), properties: others, type: 'object' };
    expect(differences(JSON.parse(reportSchemaPage()), described, 'status')).toEqual([]);
  });
});
