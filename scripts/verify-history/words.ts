import { parseArgs } from 'node:util';
import { dayName } from '../../src/history/keys.ts';
import { isDigest } from '../../src/history/manifest.ts';

export const HELP = `npm run verify:history -- --pod POD [options]

Reads all versions of a pod's locked history, holds them against the manifests of their days, and these against each other.

  --pod POD           whose history
  --from DAY          the first day, such as 2026-11-24; left out: that of the first manifest
  --to DAY            the last day; left out: that of the last manifest
  --bucket BUCKET     the stack's output HistoryBucket; left out: looked for in the account
  --digest DAY=HEX    a manifest's SHA-256 that you know from elsewhere, such as the log of function history; may be given again
  --region REGION     where the bucket is; left out: as your credentials say
  --endpoint URL      another S3 than AWS's
  --json              for programs
  --help

Ends with 0 where all holds, 1 where something does not, 2 where it could not be read.`;

/** What was asked for. */
export interface Words {
  pod: string;
  from: string | null;
  to: string | null;
  bucket: string | null;
  region: string | null;
  endpoint: string | null;
  digests: Map<string, string>;
  json: boolean;
}

const OPTIONS = {
  pod: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  bucket: { type: 'string' },
  digest: { type: 'string', multiple: true },
  region: { type: 'string' },
  endpoint: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** The words of the command line; `help`; or all that is wrong with them, each a sentence. */
export function readWords(argv: string[]): Words | 'help' | string[] {
  let values: ReturnType<typeof parsed>;
  try {
    values = parsed(argv);
  } catch (error) {
    return [`${(error as Error).message.replace(/\.$/, '')}. --help lists what there is.`];
  }
  if (values.help) return 'help';
  const { pod, from, to, endpoint, digest = [] } = values;
  const pairs = digest.map((text) => text.split('=', 2) as [string, string | undefined]);
  const faults = [
    ...(pod === undefined ? ['--pod is missing: whose history?'] : []),
    ...dayFaults('--from', from),
    ...dayFaults('--to', to),
    ...(from !== undefined && to !== undefined && to < from ? [`--to ${to} is before --from ${from}.`] : []),
    ...(endpoint !== undefined && !URL.canParse(endpoint) ? [`--endpoint ${endpoint} is no URL.`] : []),
    ...pairs.flatMap(([day, hex], at) =>
      isDay(day) && isDigest(hex?.toLowerCase())
        ? []
        : [`--digest ${digest[at]} is not DAY=HEX, such as 2026-11-24= and 64 hexadecimal digits.`],
    ),
  ];
  if (pod === undefined || faults.length > 0) return faults;
  return {
    pod,
    from: from ?? null,
    to: to ?? null,
    bucket: values.bucket ?? null,
    region: values.region ?? null,
    endpoint: endpoint ?? null,
    digests: new Map(pairs.map(([day, hex = '']) => [day, hex.toLowerCase()])),
    json: values.json ?? false,
  };
}

function parsed(args: string[]) {
  return parseArgs({ args, options: OPTIONS }).values;
}

function dayFaults(option: string, day: string | undefined): string[] {
  return day === undefined || isDay(day) ? [] : [`${option} ${day} is no day, such as 2026-11-24.`];
}

function isDay(text: string): boolean {
  // the parser takes February to have 31 days
  return /^\d{4}-\d\d-\d\d$/.test(text) && dayName(Date.parse(text) || 0) === text;
}
