import type { S3Client } from '@aws-sdk/client-s3';
import { stateOfReport } from '../state/of-report.ts';
import { noState, readState } from '../state/read.ts';
import { StateConflict, type States } from '../watchdog/ports.ts';
import type { Call } from './call.ts';
import { s3Objects, WriteConflict } from './objects.ts';

/**
 * One object a pod, `POD/state.json`, written only over the version that was read. Decision 0058.
 *
 * @param nowMs epoch ms; dates a wave whose start cannot be read
 */
export function s3States(client: S3Client, bucket: string, call: Call, nowMs: () => number): States {
  const objects = s3Objects(client, bucket, call);
  return {
    async read(pod) {
      const object = await objects.read(`reading the state of pod ${pod}`, stateKey(pod));
      if (object) return { ...readState(textOf(object.bytes), pod, nowMs()), etag: object.etag };
      // before the first state an older podtime's report has all that is remembered
      const report = await objects.read(`reading the report of pod ${pod} for its first state`, reportKey(pod));
      return { ...(report ? stateOfReport(textOf(report.bytes), pod, nowMs()) : noState(pod)), etag: null };
    },

    async write(state, etag) {
      const { pod } = state;
      const object = { key: stateKey(pod), body: JSON.stringify(state), contentType: 'application/json' };
      try {
        return await objects.writeOver(`writing the state of pod ${pod}`, object, etag);
      } catch (error) {
        throw error instanceof WriteConflict ? new StateConflict(pod, error) : error;
      }
    },
  };
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

function stateKey(pod: string): string {
  return `${pod}/state.json`;
}

function reportKey(pod: string): string {
  return `${pod}/report.json`;
}
