import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { reportSchemaPage, stateSchemaPage } from '../../scripts/report-schema.ts';
import { hostsReportOf, summaryOf } from '../../src/report/compose.ts';
import { NO_REPORT, readReport } from '../../src/report/read-report.ts';
import type { HostReport, Report } from '../../src/report/report.ts';
import { emptyReport } from '../builders/empty-report.ts';
import { judgement } from '../builders/judgements.ts';

const docs = (file: string) => readFileSync(join(import.meta.dirname, '../../docs', file), 'utf8');

describe('the published schema', () => {
  it('is made of the one by which reports are read (npm run docs:report)', () => {
    expect(docs('report.schema.json')).toBe(reportSchemaPage());
  });

  it('of the state is made of the one by which states are read', () => {
    expect(docs('state.schema.json')).toBe(stateSchemaPage());
  });
});

const STALE = { rule: 'unjoined' as const, names: ['ntp.az-b.pod'], addresses: [], sentence: 'left behind.' };
const JUDGED = [
  judgement('i-00000000000000001', 'client', 'b', { stale: STALE }),
  judgement('i-00000000000000002', 'boundary', 'c', { state: 'adrift', cycledSecondsAgo: 12.5 }),
];
const REPORT: Report = {
  ...emptyReport('blue'),
  ...hostsReportOf(JUDGED),
  summary: summaryOf(JUDGED),
};

describe('a report', () => {
  it('is read as it was written, field by field', () => {
    const { report, fault } = readReport(JSON.stringify(REPORT), 'blue');
    expect(fault).toBeNull();
    expect(report).toEqual(REPORT);
  });

  it.each<[string, (report: Report) => object]>([
    ['hosts', ({ hosts: [first, ...rest] }) => ({ hosts: [{ ...first, state: 'drunk' }, ...rest] })],
    ['hosts', ({ hosts: [first, ...rest] }) => ({ hosts: [{ ...first, measures: { offsetMs: '1' } }, ...rest] })],
    ['mode', () => ({ mode: 'destroy' })],
    ['changes', () => ({ changes: [{ action: 'CREATE' }] })],
  ])('with a fault in %s is not used, and the field named', (field, change) => {
    const broken = { ...REPORT, ...change(REPORT) };
    expect(readReport(JSON.stringify(broken), 'blue')).toEqual({
      ...NO_REPORT,
      fault: `The last report of pod blue is damaged (${field}); the next tick writes a new one.`,
    });
  });

  it('of version 2 is shown, as that version wrote it', () => {
    const text = readFileSync(join(import.meta.dirname, '../fixtures/report/version-2.json'), 'utf8');
    const stored = JSON.parse(text);
    const { report, fault } = readReport(text, 'blue');
    expect(fault).toBeNull();
    const { tickId, startedAtMs, endedAtMs, summary } = stored;
    expect(report).toMatchObject({ version: 6, tickId, startedAtMs, endedAtMs, summary });
    expect(report).not.toHaveProperty('memory');
    const addressesOf = ({ polled = [] }: { polled?: number[] }) =>
      polled.map((place) => report?.polledAddresses[place]);
    expect(report?.hosts.map((host) => [host.instanceId, host.state, addressesOf(host)])).toEqual(
      stored.hosts.map(({ instanceId, state, polled }: { instanceId: string; state: string; polled: string[] }) => [
        instanceId,
        state,
        polled,
      ]),
    );
    expect(report?.refusals.map(({ count, sentence }) => [count, sentence])).toEqual(
      stored.refusals.map(({ sentence }: { sentence: string }) => [1, sentence]),
    );
  });

  it('of version 5 is shown as it stands; the states of hosts that it does not know came with version 6', () => {
    expect(readReport(JSON.stringify({ ...REPORT, version: 5 }), 'blue')).toEqual({ ...NO_REPORT, report: REPORT });
  });

  it.each([1, 2])('of version %i is shown as it stands', (version) => {
    const text = readFileSync(join(import.meta.dirname, '../fixtures/report/version-1.json'), 'utf8');
    const stored = JSON.parse(text) as Report;
    const cycles = version === 1 ? stored.cycles : stored.cycles.map((cycle) => ({ ...cycle, waveId: '' }));
    const { report, fault } = readReport(JSON.stringify({ ...stored, version, untilMs: 1, cycles }), 'blue');
    expect(fault).toBeNull();
    const { tickId, startedAtMs, endedAtMs, summary } = stored;
    expect(report).toMatchObject({ version: 6, tickId, startedAtMs, endedAtMs, summary });
    expect(report?.hosts.map(({ instanceId }) => instanceId)).toEqual(stored.hosts.map(({ instanceId }) => instanceId));
    const { instanceId, tier, az, addresses, state, sentence, stale, unjoinedNames } = stored.hosts[3] as HostReport;
    expect(stale).toBeDefined();
    expect(report?.staleness).toEqual([stale]);
    expect(report?.texts.at(-1)).toEqual(stored.hosts[3]?.confidence);
    expect(report?.hosts[3]).toEqual({
      ...{ instanceId, tier, az, addresses, state, sentence, stale: 0, unjoinedNames },
      confident: false,
      confidence: [report && report.texts.length - 1],
      measures: {
        ...{ offsetMs: 0.021, errorBoundMs: 10.471, jitterMs: 0.018, delayMs: 0.069 },
        ...{ reachRatio: 0.5, reachableSources: 1, usableSources: 1, ageSeconds: 7200 },
      },
      polled: [2, 3],
    });
    expect(report?.polledAddresses).toEqual(['192.0.2.1', '192.0.2.2', '10.0.2.11', '10.0.2.99']);
    expect(report?.refusals).toMatchObject([{ count: 1, subjects: ['i-00000000000000015'] }]);
    expect(report?.cycles).toMatchObject([{ waveId: '' }]);
  });

  it('of version 3 is shown without what it remembered, one that never ended too', () => {
    const { version: _, staleness, texts: __, ...same } = REPORT;
    const hosts = same.hosts.map(({ stale, ...row }) => ({ ...row, stale: staleness[stale ?? -1] }));
    const stored = { ...same, hosts, version: 3, untilMs: 1, unfinished: true, memory: {} };
    expect(readReport(JSON.stringify(stored), 'blue')).toEqual({ ...NO_REPORT, report: REPORT });
    const dead = readReport(JSON.stringify({ ...stored, endedAtMs: null }), 'blue');
    expect(dead.report).toEqual({ ...REPORT, endedAtMs: REPORT.startedAtMs });
  });

  it('of version 4, in which each row had its texts in full, is shown with them', () => {
    const [first, second] = REPORT.hosts;
    const over = 'clock error bound 250 ms is over the limit of 200 ms.';
    const ill = { cause: 'their offsets are over the limit of 50 ms', remarks: [over, 'leap alarm'], confidence: over };
    const { texts: _, ...same } = REPORT;
    const stored = { ...same, version: 4, hosts: [first, { ...second, ...ill }, { ...second, cause: ill.cause }] };
    const { report, fault } = readReport(JSON.stringify(stored), 'blue');
    expect(fault).toBeNull();
    expect(report).toEqual({
      ...REPORT,
      hosts: [first, { ...second, cause: 0, remarks: [[1], [2]], confidence: [1] }, { ...second, cause: 0 }],
      texts: [ill.cause, over, 'leap alarm'],
    });
  });

  it('of a newer version tells nothing but that it is', () => {
    expect(readReport(JSON.stringify({ ...REPORT, version: 7 }), 'blue')).toEqual({
      ...NO_REPORT,
      newer: true,
      fault:
        'The last report of pod blue is of version 7, this code reads up to 6: a newer podtime wrote it. ' +
        'The next tick writes a new one; or deploy the newer code again.',
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
    const { sentences, next, ...others } = properties;
    expect([sentences, next]).not.toContain(undefined);
    expect(required).toContain('sentences');
    const described = { required: required.filter((name) => name !== 'sentences'), properties: others, type: 'object' };
    expect(differences(JSON.parse(reportSchemaPage()), described, 'status')).toEqual([]);
  });
});
