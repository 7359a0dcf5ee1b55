import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { DuckDBInstance } from '@duckdb/node-api';
import { pageText } from '../docs/snippets.ts';
import { write } from './temporary-folder.ts';

export type Row = Record<string, unknown>;

/** The questions of docs/history.md, by the word after `sql`. */
export const QUESTIONS = new Map(
  [...pageText('history.md').matchAll(/^```sql ([\w-]+)\n([\s\S]*?)^```$/gm)].map(([, name, sql]) => [
    String(name),
    String(sql),
  ]),
);

/**
 * DuckDB over a copy of the history that lies in a bucket, with the page's view. Answers how to ask one of its questions, or SQL of one's own.
 *
 * @param day the day that the page's questions are asked of, `2026-11-24`
 */
export async function openHistory(
  s3: S3Client,
  bucket: string,
  day: string,
): Promise<(asked: string) => Promise<Row[]>> {
  const folder = write({});
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'history/' }));
  for (const { Key = '' } of Contents) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
    mkdirSync(dirname(join(folder, Key)), { recursive: true });
    writeFileSync(join(folder, Key), (await Body?.transformToByteArray()) ?? '');
  }
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const here = (sql: string) =>
    sql.replaceAll('s3://BUCKET', folder).replaceAll("'2026-11-24'", `'${day}'`).replaceAll("'2026-11-30'", `'${day}'`);
  await connection.run(here(QUESTIONS.get('history') ?? ''));
  return async (asked) =>
    (await connection.runAndReadAll(here(QUESTIONS.get(asked) ?? asked))).getRowObjectsJson() as Row[];
}
