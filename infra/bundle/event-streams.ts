import type { Plugin } from 'esbuild';

const MODULE = '@smithy/core/event-streams';

/** What S3's client takes at its start, and the SDK's protocol only for an operation with an event stream. */
const NONE = `
const none = () => { throw new Error('This bundle carries no event streams.'); };
export const eventStreamSerdeProvider = () => ({ serialize: none, deserialize: none });
export const resolveEventStreamSerdeConfig = (config) => config;
export class EventStreamSerde { serializeEventStream = none; deserializeEventStream = none; }
`;

/** Event streams (S3's SelectObjectContent): 15 KB in each bundle with S3's client, and podtime calls nothing that has one. Decision 0074. */
export const withoutEventStreams: Plugin = {
  name: 'event-streams',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: new RegExp(`^${MODULE}$`) }, () => ({ path: MODULE, namespace: 'event-streams' }));
    onLoad({ filter: /.*/, namespace: 'event-streams' }, () => ({ contents: NONE, loader: 'js' }));
  },
};
