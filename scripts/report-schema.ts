import * as z from 'zod/mini';
import { REPORT_SCHEMA } from '../src/report/report.ts';

/** docs/report.schema.json: the report, with the memory in it, as JSON Schema (draft 2020-12). */
export function reportSchemaPage(): string {
  const schema = z.toJSONSchema(REPORT_SCHEMA);
  const title = 'A report of podtime';
  const description =
    'What a tick saw, did and refused: the S3 object POD/report.json, and (with its sentences) …/status.json';
  return `${JSON.stringify({ title, description, ...schema }, null, 2)}\n`;
}
