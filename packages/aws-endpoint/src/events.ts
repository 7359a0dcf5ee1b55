import type { AlarmState } from './cloudwatch/alarms/evaluate.ts';

/** What happened at the endpoint, for tests and for whoever shows it. */
export type EndpointEvent =
  | { kind: 'records changed'; zone: string; changeId: string; changes: RecordChange[]; comment: string }
  | { kind: 'records in sync'; zone: string; changeId: string; changes: RecordChange[] }
  | {
      kind: 'command sent';
      commandId: string;
      document: string;
      comment: string;
      instanceIds: string[];
      tags: Record<string, string[]>;
    }
  | {
      kind: 'invocation ended';
      commandId: string;
      document: string;
      instanceId: string;
      statusDetails: string;
      output: string;
    }
  | {
      kind: 'command ended';
      commandId: string;
      document: string;
      comment: string;
      statusDetails: string;
      counts: Record<string, number>;
    }
  | { kind: 'metrics put'; namespace: string; data: number; metrics: number }
  | { kind: 'alarm state'; alarm: string; state: AlarmState; was: AlarmState; reason: string }
  | {
      kind: 'event put';
      source: string;
      detailType: string;
      detail: unknown;
      fate: 'delivered' | 'lost' | 'repeated' | 'unmatched';
    }
  | { kind: 'instance state'; instanceId: string; state: string }
  | { kind: 'function invoked'; functionName: string; cause: string; attempt: number }
  | { kind: 'function failed'; functionName: string; cause: string; attempt: number; message: string; retried: boolean }
  | { kind: 'object put'; bucket: string; key: string; etag: string }
  | { kind: 'object deleted'; bucket: string; key: string }
  | { kind: 'parameter put'; name: string; value: string }
  | { kind: 'parameter deleted'; name: string }
  | { kind: 'refused'; service: string; operation: string; code: string; message: string }
  /** A bug of the endpoint's own: tests hold that there is none. */
  | { kind: 'fault of the endpoint'; service: string; operation: string; message: string };

export interface RecordChange {
  action: 'CREATE' | 'UPSERT' | 'DELETE';
  /** Lower case, dot at the end. */
  name: string;
  type: string;
  setIdentifier: string | null;
  values: string[];
}

export type Announce = (event: EndpointEvent) => void;

/** A list of listeners; one that throws does not keep the others from hearing. */
export function createAnnouncer(): { announce: Announce; on(listener: Announce): () => void } {
  const listeners = new Set<Announce>();
  return {
    announce(event) {
      for (const listener of [...listeners]) {
        try {
          listener(event);
        } catch {
          // A listener's fault is not the endpoint's.
        }
      }
    },
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
