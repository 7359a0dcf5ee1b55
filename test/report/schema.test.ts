import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { reportSchemaPage } from '../../scripts/report-schema.ts';
import { TIERS } from '../../src/fleet/fleet.ts';
import { EMPTY_MEMORY, lostRollOut, type Memory } from '../../src/plan/plan.ts';
import { hostsReportOf, summaryOf } from '../../src/report/compose.ts';
import { NO_REPORT, readReport } from '../../src/report/read-report.ts';
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
  ...hostsReportOf(JUDGED),
  summary: summaryOf(JUDGED),
  memory: { ...emptyReport('blue').memory, unhealthy: { 'i-00000000000000002': { provenMs: 0, seenMs: null } } },
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
  ])('with a fault in %s is not used, and the field named; its memory is', (field, change) => {
    const broken = { ...REPORT, ...change(REPORT) };
    expect(readReport(JSON.stringify(broken), 'blue')).toEqual({
      ...NO_REPORT,
      memory: REPORT.memory,
      fault: `The last report of pod blue is damaged (${field}): what it remembers is kept.`,
    });
  });

  const REMEMBERED = (Object.keys(EMPTY_MEMORY) as (keyof Memory)[]).filter((field) => field !== 'rollOuts');

  it.each(REMEMBERED)('that cannot be read at memory.%s loses that alone', (field) => {
    for (const stored of [null, 'x', [null], { 'i-1': { x: null } }, undefined]) {
      const memory = { ...REPORT.memory, [field]: stored };
      const kept = { ...REPORT.memory, [field]: EMPTY_MEMORY[field] };
      expect(readReport(JSON.stringify({ ...REPORT, memory }), 'blue')).toEqual({
        ...NO_REPORT,
        report: { ...REPORT, memory: kept },
        memory: kept,
        fault: `The memory of pod blue has lost ${field}: the last report cannot be read there.`,
      });
    }
  });

  it('that cannot be read at a roll-out takes a wave of it for under way, and keeps the other', () => {
    const { startedAtMs } = REPORT;
    const whole = lostRollOut('boundary', 5);
    const rollOutsOf = (rollOuts: unknown) => {
      const { memory, fault } = readReport(
        JSON.stringify({ ...REPORT, memory: { ...REPORT.memory, rollOuts } }),
        'blue',
      );
      expect(fault).toBe('The memory of pod blue has lost rollOuts: the last report cannot be read there.');
      return memory.rollOuts;
    };
    const [boundary, client] = [lostRollOut('boundary', startedAtMs), lostRollOut('client', startedAtMs)];
    expect(rollOutsOf({ boundary: whole, client: { waves: 'many' } })).toEqual({ boundary: whole, client });
    expect(rollOutsOf({ client: null })).toEqual({ client });
    for (const stored of [null, 'x', []]) expect(rollOutsOf(stored)).toEqual({ boundary, client });
  });

  it('of version 1 is read whole, and remembers all that counts as proof still', () => {
    const text = readFileSync(join(import.meta.dirname, '../fixtures/report/version-1.json'), 'utf8');
    const stored = JSON.parse(text) as Report;
    const { report, memory, fault, newer, lost } = readReport(text, 'blue');
    expect({ fault, newer, lost }).toEqual({ fault: null, newer: false, lost: false });
    expect(report).toMatchObject({ version: 3, untilMs: stored.startedAtMs + 180_000 });
    const { unhealthy, unhealthySinceMs, withdrawn, cycles, staleSinceMs, unjoined, rollOuts } = stored.memory;
    expect(memory).toMatchObject({ unhealthy, unhealthySinceMs, withdrawn, cycles, staleSinceMs, unjoined });
    expect(memory.unknownToEc2).toEqual(EMPTY_MEMORY.unknownToEc2);
    for (const tier of TIERS) expect(memory.rollOuts[tier]).toMatchObject({ commands: rollOuts[tier]?.commands });
  });

  it('of a newer version tells nothing but that it is', () => {
    expect(readReport(JSON.stringify({ ...REPORT, version: 4 }), 'blue')).toEqual({
      ...NO_REPORT,
      newer: true,
      fault:
        'The last report of pod blue is of version 4, this code reads up to 3: a newer podtime wrote it. ' +
        'It is left as it is and nothing is changed; deploy the newer code again.',
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
    const { sentences, next, ...others } = properties;
    expect([sentences, next]).not.toContain(undefined);
    expect(required).toContain('sentences');
    const described = { required: required.filter((name) => name !== 'sentences'), properties: others, type: 'object' };
    expect(differences(JSON.parse(reportSchemaPage()), described, 'status')).toEqual([]);
  });
});
