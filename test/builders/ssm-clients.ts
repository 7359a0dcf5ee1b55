import { SSMClient } from '@aws-sdk/client-ssm';
import type { Bench } from '@podtime/aws-endpoint/testing';
import type { SsmClients } from '../../src/aws/commands.ts';

/** The bench's client, and beside it one that asks once. It keeps no connection: there is nothing to end. */
export function ssmClients(bench: Bench): SsmClients {
  const once = new SSMClient({
    endpoint: bench.endpoint.url,
    region: 'us-west-2',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    maxAttempts: 1,
    requestHandler: { httpAgent: { keepAlive: false } },
  });
  return { repeating: bench.ssm, once };
}
