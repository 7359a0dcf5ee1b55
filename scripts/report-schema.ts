import type { Schema } from '../src/fleet/json-schema.ts';
import { REPORT_SCHEMA } from '../src/report/report.ts';
import { HOST_MEMORY_SCHEMA, STATE_SCHEMA } from '../src/state/state.ts';

/** docs/report.schema.json: the report as JSON Schema (draft 2020-12). */
export function reportSchemaPage(): string {
  const title = 'A report of podtime';
  const description =
    'What a tick saw, did and refused: the S3 object POD/report.json, and (with its sentences) …/status.json';
  return schemaPage({ title, description, ...closed(REPORT_SCHEMA) });
}

/** docs/state.schema.json: the state, and the memory that it names. */
export function stateSchemaPage(): string {
  const title = 'What podtime remembers of a pod';
  const description =
    'The S3 object POD/state.json; under $defs what is remembered of hosts: POD/memory/TICK-DIGEST.json.gz, compressed';
  return schemaPage({ title, description, ...closed(STATE_SCHEMA), $defs: { memory: closed(HOST_MEMORY_SCHEMA) } });
}

interface Page {
  title: string;
  description: string;
  [keyword: string]: unknown;
}

function schemaPage({ title, description, ...schema }: Page): string {
  const page = { title, description, $schema: 'https://json-schema.org/draft/2020-12/schema', ...schema };
  return `${JSON.stringify(page, null, 2)}\n`;
}

/** What podtime writes has the fields that it names and no other; what it reads may have more. */
function closed(schema: Schema): Schema {
  const { properties, items, additionalProperties, anyOf } = schema;
  return {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, closed(field)])),
      additionalProperties: false,
    }),
    ...(items && { items: closed(items) }),
    ...(additionalProperties && { additionalProperties: closed(additionalProperties) }),
    ...(anyOf && { anyOf: anyOf.map(closed) }),
  };
}
