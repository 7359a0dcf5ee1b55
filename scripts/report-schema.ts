import * as z from 'zod/mini';
import { REPORT_SCHEMA } from '../src/report/report.ts';
import { HOST_MEMORY_SCHEMA, STATE_SCHEMA } from '../src/state/state.ts';

/** docs/report.schema.json: the report as JSON Schema (draft 2020-12). */
export function reportSchemaPage(): string {
  const title = 'A report of podtime';
  const description =
    'What a tick saw, did and refused: the S3 object POD/report.json, and (with its sentences) …/status.json';
  return schemaPage({ title, description, ...z.toJSONSchema(REPORT_SCHEMA) });
}

/** docs/state.schema.json: the state, and the memory that it names. */
export function stateSchemaPage(): string {
  const title = 'What podtime remembers of a pod';
  const description =
    'The S3 object POD/state.json; under $defs what is remembered of hosts: POD/memory/TICK-DIGEST.json.gz, compressed';
  const { $schema: _, ...memory } = z.toJSONSchema(HOST_MEMORY_SCHEMA);
  return schemaPage({ title, description, ...z.toJSONSchema(STATE_SCHEMA), $defs: { memory } });
}

function schemaPage(schema: object): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}
