import { execFile } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readWords } from '../../scripts/verify-history/words.ts';
import { LOCKED, type LockedHistory, threeLockedDays } from '../builders/locked-history.ts';
import { ROOT } from '../builders/packaged-service.ts';

let history: LockedHistory;
beforeAll(async () => {
  history = await threeLockedDays();
});
afterAll(() => history.close());

/** The command itself, as npm runs it, in front of the local AWS. */
function verify(...words: string[]): Promise<{ status: number; out: string; err: string }> {
  const env = {
    PATH: process.env.PATH,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_REGION: 'us-west-2',
  };
  const args = ['--import', 'tsx', 'scripts/verify-history.ts', '--endpoint', history.endpoint.url, ...words];
  return new Promise((resolve) => {
    execFile(process.execPath, ['--no-warnings', ...args], { cwd: ROOT, env }, (error, out, err) =>
      resolve({ status: Number(error?.code ?? 0), out, err }),
    );
  });
}

describe('npm run verify:history', () => {
  it('says that all holds, to people and programs', async () => {
    const digest = (await history.tend(0)).manifests?.[0];
    const words = ['--pod', 'blue', '--bucket', LOCKED, '--digest', `${digest?.day}=${digest?.sha256}`];
    const [told, json] = await Promise.all([verify(...words), verify(...words, '--json')]);
    expect(told).toMatchObject({ status: 0, err: '' });
    expect(told.out).toContain(`A digest from elsewhere fits up to ${history.day(-1)}`);
    expect(told.out.trimEnd()).toMatch(
      /All holds: nothing of these days is missing, changed, written over, hidden or added\.$/,
    );
    expect(JSON.parse(json.out)).toMatchObject({ holds: true, anchor: history.day(-1), read: 15, findings: [] });
  });

  it('ends with 1 where something does not hold', async () => {
    const { status, out } = await verify(
      '--pod',
      'blue',
      '--bucket',
      LOCKED,
      '--digest',
      `${history.day(-1)}=${'0'.repeat(64)}`,
    );
    expect([status, out]).toEqual([1, expect.stringContaining('It does not hold: 1 finding.')]);
  });

  it('ends with 2 where there is nothing to read, and says what there is', async () => {
    const failed = (...words: string[]) => verify(...words).then(({ status, err }) => [status, err.trimEnd()]);
    expect(await failed('--pod', 'green', '--bucket', LOCKED)).toEqual([
      2,
      'Bucket locked has nothing of pod green; it has the history of blue.',
    ]);
    expect(await failed('--pod', 'blue', '--bucket', 'elsewhere')).toEqual([
      2,
      "listing the pods of bucket elsewhere: NoSuchBucket.\nThere is no bucket elsewhere: the stack's output HistoryBucket names it.",
    ]);
    expect(await failed('--pod', 'blue')).toEqual([
      2,
      "Which bucket? Of this account none looks like one of podtime: name it by --bucket. It is the stack's output HistoryBucket.",
    ]);
    history.endpoint.faults.next('ListObjectVersions', 'AccessDenied');
    expect(await failed('--pod', 'blue', '--bucket', LOCKED)).toEqual([
      2,
      expect.stringContaining(
        'it takes s3:ListBucket, s3:ListBucketVersions, s3:GetObjectVersion and s3:GetObjectRetention',
      ),
    ]);
  });
});

describe('its words', () => {
  it.each<[string[], string[]]>([
    [[], ['--pod is missing: whose history?']],
    [
      ['--from', '2026-02-30', '--digest', '2026-11-24=12', '--endpoint', 'nowhere'],
      [
        '--pod is missing: whose history?',
        '--from 2026-02-30 is no day, such as 2026-11-24.',
        '--endpoint nowhere is no URL.',
        '--digest 2026-11-24=12 is not DAY=HEX, such as 2026-11-24= and 64 hexadecimal digits.',
      ],
    ],
    [['--pod', 'blue', '--from', '2026-11-24', '--to', '2026-11-23'], ['--to 2026-11-23 is before --from 2026-11-24.']],
    [
      ['--pods', 'blue'],
      [expect.stringMatching(/^Unknown option '--pods'.* --help lists what there is\.$/) as unknown as string],
    ],
  ])('%j are refused with all that is wrong', (argv, faults) => {
    expect(readWords(argv)).toEqual(faults);
  });

  it('may be a plea for help', () => {
    expect(readWords(['--help'])).toBe('help');
  });
});
