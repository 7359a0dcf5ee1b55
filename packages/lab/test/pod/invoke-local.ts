import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { withoutAwsSettings } from '../../src/pod/environment.ts';
import type { StartedPod } from './started-pod.ts';

/** What the first shell of events/README.md says when it is typed beside a running pod, on whatever port that has AWS. */
export function invokeLocal({ awsPort }: StartedPod): Promise<{ status: number; stdout: string; stderr: string }> {
  const [, text = ''] = /^```sh\n([\s\S]*?)^```$/m.exec(readFileSync('events/README.md', 'utf8')) ?? [];
  const env = { ...withoutAwsSettings(process.env), NO_COLOR: '1', SLS_TELEMETRY_DISABLED: '1' };
  return new Promise((resolve) => {
    execFile('sh', ['-eu', '-c', text.replace(':4566', `:${awsPort}`)], { env }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}
