import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { openHistory, QUESTIONS, type Row } from '../../../../test/builders/history-database.ts';
import type { StartedPod } from './started-pod.ts';

/** What DuckDB answers to each question of docs/history.md, over what the running pod has written to its S3. */
export async function askAuditorsQuestions(pod: StartedPod): Promise<Map<string, Row[]>> {
  const s3 = new S3Client({
    endpoint: `http://127.0.0.1:${pod.awsPort}`,
    region: 'us-west-2',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    forcePathStyle: true,
  });
  try {
    const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
    const bucket = Buckets.find(({ Name = '' }) => Name.includes('report'))?.Name ?? '';
    const ask = await openHistory(s3, bucket, new Date().toISOString().slice(0, 10));
    const answers = new Map<string, Row[]>();
    // the view is there already, and the table is Athena's
    for (const name of QUESTIONS.keys())
      if (name !== 'history' && name !== 'athena') answers.set(name, await ask(name));
    return answers;
  } finally {
    s3.destroy();
  }
}
