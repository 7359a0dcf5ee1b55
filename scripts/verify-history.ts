/**
 * Reads a pod's locked history whole and says what does not hold: `npm run verify:history -- --pod blue`. Ends with 0 where all holds,
 * 1 where something does not, 2 where it could not be read. docs/history.md says what that proves. Decision 0135.
 */
import { S3Client } from '@aws-sdk/client-s3';
import { type Call, caller } from '../src/aws/call.ts';
import { AwsCallError } from '../src/aws/errors.ts';
import { historyBuckets, podsIn, s3VersionsToVerify } from '../src/aws/verified-versions.ts';
import { listed } from '../src/fleet/sentences.ts';
import { verdictJson, verdictSentences } from '../src/history/verdict.ts';
import { verifyHistory } from '../src/history/verify.ts';
import { HELP, readWords, type Words } from './verify-history/words.ts';

/** A manifest of 17,000 objects, over a slow line. */
const CALL_LIMIT_MS = 60_000;

/** What AWS refuses with, as an operator can mend it. */
const REFUSALS: Record<string, (words: Words) => string> = {
  AccessDenied: () =>
    'These credentials may not: it takes s3:ListBucket, s3:ListBucketVersions, s3:GetObjectVersion and s3:GetObjectRetention on the bucket.',
  NoSuchBucket: ({ bucket }) => `There is no bucket ${bucket}: the stack's output HistoryBucket names it.`,
  PermanentRedirect: ({ region }) => `The bucket is not in ${region ?? 'this region'}: name its own by --region.`,
  CredentialsProviderError: () => 'There are no credentials of AWS: name a profile by AWS_PROFILE, or sign in.',
};

process.exitCode = await verify(process.argv.slice(2));

async function verify(argv: string[]): Promise<number> {
  const words = readWords(argv);
  if (words === 'help') {
    console.log(HELP);
    return 0;
  }
  if (Array.isArray(words)) return failed(words);
  const client = new S3Client({
    maxAttempts: 5,
    ...(words.region !== null && { region: words.region }),
    ...(words.endpoint !== null && { endpoint: words.endpoint, forcePathStyle: true }),
  });
  try {
    return await verified(client, words);
  } catch (error) {
    if (!(error instanceof AwsCallError)) throw error;
    const [action] = error.message.split(`: ${error.reason}`);
    return failed([
      `${action}: ${error.code}.`,
      ...(REFUSALS[error.code] ? [REFUSALS[error.code]?.(words) ?? ''] : []),
    ]);
  } finally {
    client.destroy();
  }
}

async function verified(client: S3Client, words: Words): Promise<number> {
  const counted = caller({ deadline: { leftMs: () => CALL_LIMIT_MS }, tickId: 'verify', log: () => {} });
  const call: Call = (action, step) => counted(action, step, CALL_LIMIT_MS);
  const buckets = words.bucket === null ? await historyBuckets(client, call) : [words.bucket];
  const [bucket] = buckets;
  if (bucket === undefined || buckets.length > 1) {
    const found = buckets.length === 0 ? 'none looks like one of podtime' : `${listed(buckets)} look like it`;
    return failed([
      `Which bucket? Of this account ${found}: name it by --bucket. It is the stack's output HistoryBucket.`,
    ]);
  }
  words.bucket = bucket;
  const pods = await podsIn(client, bucket, call);
  if (!pods.includes(words.pod)) {
    const there = pods.length === 0 ? 'no history at all' : `the history of ${listed(pods)}`;
    return failed([`Bucket ${bucket} has nothing of pod ${words.pod}; it has ${there}.`]);
  }
  const verdict = await verifyHistory(s3VersionsToVerify(client, bucket, call), { ...words, nowMs: Date.now() });
  if (words.json) console.log(JSON.stringify(verdictJson(verdict), null, 2));
  else for (const sentence of verdictSentences(verdict)) console.log(sentence);
  return verdict.findings.length === 0 ? 0 : 1;
}

function failed(sentences: string[]): number {
  for (const sentence of sentences) console.error(sentence);
  return 2;
}
