import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import {
  BOOLEAN,
  either,
  exactly,
  INTEGER,
  list,
  NUMBER,
  nullable,
  object,
  oneOf,
  optional,
  record,
  recordOf,
  type Schema,
  TEXT,
} from '../../src/fleet/json-schema.ts';
import { readJson } from '../../src/fleet/read-json.ts';
import { hostsReportOf } from '../../src/report/compose.ts';
import { REPORT_SCHEMA } from '../../src/report/report.ts';
import { emptyHostMemory, emptyState, HOST_MEMORY_SCHEMA, STATE_SCHEMA } from '../../src/state/state.ts';
import { emptyReport } from '../builders/empty-report.ts';
import { judgement } from '../builders/judgements.ts';

const PART = object({ name: TEXT, size: optional(nullable(NUMBER)) });
const EVERYTHING = object({
  whole: INTEGER,
  flag: BOOLEAN,
  tier: oneOf(['boundary', 'client']),
  version: exactly(4),
  outcome: either(oneOf(['done']), { type: 'string', pattern: '^failed: ' } as Schema<string>),
  parts: list(PART),
  few: optional({ ...list(TEXT), minItems: 1, maxItems: 2 }),
  hour: optional({ ...INTEGER, minimum: 0, maximum: 23 } as Schema<number>),
  byId: record(PART),
  byTier: recordOf(['boundary', 'client'], list(NUMBER)),
  closed: optional({ ...object({ a: TEXT }), additionalProperties: false as const }),
});
const GIVEN = {
  whole: 1,
  flag: false,
  tier: 'client' as const,
  version: 4 as const,
  outcome: 'failed: throttled',
  parts: [{ name: 'a', size: 1.5 }, { name: 'b', size: null }, { name: 'c' }],
  few: ['a'],
  hour: 23,
  byId: { 'i-1': { name: 'd' } },
  byTier: { client: [1] },
  closed: { a: 'x' },
};

const faultsOf = (schema: Schema, given: unknown) =>
  (readJson(schema, given).faults ?? []).map(({ path, value, unknownFields }) => [
    path.join('.'),
    value,
    ...(unknownFields ?? []),
  ]);

describe('a value', () => {
  it('is read as it was given', () => {
    expect(readJson(EVERYTHING, GIVEN)).toEqual({ value: GIVEN, faults: null });
  });

  it('is read without the fields that its schema does not name', () => {
    const given = { ...GIVEN, parts: [{ name: 'a', colour: 'red' }], colour: 'red' };
    expect(readJson(EVERYTHING, given).value).toEqual({ ...GIVEN, parts: [{ name: 'a' }] });
  });

  it('is told every fault, each with its place and what stands there', () => {
    const parts = [{ name: 1 }, null, { name: 'c', size: 'x' }];
    const { flag: _, ...given } = { ...GIVEN, parts, whole: 0.5, few: [], byTier: { clients: [], client: ['x'] } };
    expect(faultsOf(EVERYTHING, { ...given, closed: { a: 'x', constructor: 1, b: 2 } })).toEqual([
      ['whole', 0.5],
      ['flag', undefined],
      ['parts.0.name', 1],
      ['parts.1', null],
      ['parts.2.size', 'x'],
      ['few', []],
      ['byTier.clients', 'clients'],
      ['byTier.client.0', 'x'],
      ['closed', { a: 'x', constructor: 1, b: 2 }, 'constructor', 'b'],
    ]);
  });

  it('cannot change what objects are made of', () => {
    const { value } = readJson(record(NUMBER), JSON.parse('{ "a": 1, "__proto__": 2 }'));
    expect(Object.entries(value ?? {})).toEqual([['a', 1]]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it.each(['1e999', '-1e999'])('is no number that is beyond all: %s', (text) => {
    const given = JSON.parse(text);
    expect(faultsOf(NUMBER, given)).toEqual([['', given]]);
  });
});

describe('of what is stored', () => {
  const server = judgement('i-00000000000000002', 'boundary', 'c', { state: 'adrift' });
  const command = { commandId: null, hosts: 2 };
  const wave = {
    tier: 'client',
    waveId: 'w',
    startedAtMs: 1,
    records: '',
    mode: 'act',
    commands: [command],
    failed: 0,
  };
  const waves = { client: { ...wave, waves: 0, stopped: false, sentence: null } };
  const ajv = new Ajv2020({ strict: false });
  const KINDS: [string, Schema, object][] = [
    ['everything', EVERYTHING, GIVEN],
    ['a report', REPORT_SCHEMA, { ...emptyReport('blue'), ...hostsReportOf([server]) }],
    ['a state', STATE_SCHEMA, { ...emptyState('blue'), waves }],
    ['what is remembered of hosts', HOST_MEMORY_SCHEMA, { ...emptyHostMemory('blue'), cycles: { 'i-1': [1, 2] } }],
  ];

  it.each(KINDS)('%s is damaged, ajv refuses what the reader refuses', (_, schema, whole) => {
    const isValid = ajv.compile(schema);
    expect([isValid(whole), readJson(schema, whole).faults]).toEqual([true, null]);
    const places = placesIn(whole);
    const damage = fc.oneof(fc.jsonValue(), fc.constantFrom(null, 0, -1, 1.5, '', 'client', [], {}, undefined));
    fc.assert(
      fc.property(fc.constantFrom(...places), damage, (place, value) => {
        const damaged = JSON.parse(JSON.stringify(whole));
        const holder = place.slice(0, -1).reduce((at, step) => at[step], damaged);
        holder[place.at(-1) as string] = value;
        const given = JSON.parse(JSON.stringify(damaged));
        expect(readJson(schema, given).faults === null).toBe(isValid(given));
      }),
      { numRuns: 500 },
    );
  });

  /** Of each field and item, however deep. */
  function placesIn(value: unknown): string[][] {
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([step, part]) => [[step], ...placesIn(part).map((rest) => [step, ...rest])]);
  }
});
