import type { EndpointOptions } from '@podtime/aws-endpoint';
import { type Bench, BUCKET, ECHO_DOCUMENT, STACK, startBench, VPC, ZONE_ID } from '@podtime/aws-endpoint/testing';
import fleet from '../builders/shipped-fleet.ts';
import { OPERATOR_VPC } from './gateway.ts';

/** A local AWS that handlers of this process call, as serverless.yml has their environment, with the pods of the shipped file in it. */
export async function localAws(
  options: Pick<Partial<EndpointOptions>, 'clock'> = {},
): Promise<{ bench: Bench; close: () => Promise<void> }> {
  const before = { ...process.env };
  // what is printed to one document is no answer to the other
  const documents = { ...STACK.documents, 'echo-cycle': ECHO_DOCUMENT };
  const bench = await startBench({ stack: { ...STACK, documents }, ...options });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: bench.endpoint.url,
    AWS_REGION: 'us-west-2',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    REPORT_BUCKET: BUCKET,
    STAGE: 'test',
    COLLECT_DOCUMENT: 'echo',
    CYCLE_DOCUMENT: 'echo-cycle',
  });
  // the shipped file has no ids of AWS
  fleet.operatorVpcs = [OPERATOR_VPC];
  for (const pod of fleet.pods) {
    Object.assign(pod, { vpc: VPC });
    Object.assign(pod.zone, { id: ZONE_ID });
  }
  return {
    bench,
    async close() {
      process.env = before;
      await bench.close();
    },
  };
}
