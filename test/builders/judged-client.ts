import { expect } from '@jest/globals';
import { type JudgeContext, judgeAll } from '../../src/diagnosis/judge.ts';
import type { Judgement, Sighting } from '../../src/diagnosis/judgement.ts';
import type { Host } from '../../src/fleet/fleet.ts';
import type { PublishedRecord } from '../../src/fleet/records.ts';
import type { Collected } from '../../src/host/collected.ts';
import type { Source } from '../../src/ntp/source.ts';
import { collected, context, host, POD, record, server, source } from './sightings.ts';

/** A confident boundary server, as seen. */
function confident(server: Host): Sighting {
  const sources = [source('192.0.2.60', { tally: '*', stratum: 2 }), source('169.254.169.123', { stratum: 2 })];
  return {
    host: server,
    collected: collected({ sources, configNames: ['us-west-2b.stratum-2.invalid'] }),
    status: 'Success',
  };
}

export interface Story {
  servers?: Host[];
  /** Those of the servers that are confident; all by default. */
  confident?: Host[];
  records?: PublishedRecord[] | null;
  client: Collected | null;
  /** The last report's memory of the client. */
  before?: string[];
  pod?: JudgeContext['pod'];
  as?: Partial<Host>;
}

export const B = server('b', ['10.0.2.5']);
export const C = server('c', ['10.0.3.5']);

/** az-b was replaced: 10.0.2.5 is gone, 10.0.2.9 is published. */
export const NEW_B = server('b', ['10.0.2.9'], { instanceId: 'i-0b2' });
export const REPLACED = {
  servers: [NEW_B, C],
  records: [record('b', '10.0.2.9', { setIdentifier: 'i-0b2' }), record('c', '10.0.3.5')],
};

/** How the client is judged, with the boundary servers judged beside it. */
export function judgeClient({
  servers = [B, C],
  records,
  client,
  before = [],
  pod = POD,
  as = {},
  ...rest
}: Story): Judgement {
  const judgedHost = host('i-0e', as);
  const seen = (rest.confident ?? servers).map(confident);
  const judgements = judgeAll(
    [...seen, { host: judgedHost, collected: client, status: 'Success' }],
    context({
      pod,
      hosts: [...servers, judgedHost],
      records: records === undefined ? [record('b', '10.0.2.5'), record('c', '10.0.3.5')] : records,
      unjoinedBefore: { 'i-0e': before },
    }),
  );
  expect(judgements.slice(0, -1).every((judgement) => judgement.confident)).toBe(true);
  const judgement = judgements.at(-1);
  if (judgement === undefined) throw new Error('one sighting gives one judgement');
  return judgement;
}

export function polling(addresses: string[], given: Partial<Source> = {}): Collected {
  return collected({
    sources: addresses.map((address, i) => source(address, { ...(i === 0 ? { tally: '*' } : {}), ...given })),
  });
}

export const B_NAME = 'ntp.az-b.pod';
export const C_NAME = 'ntp.az-c.pod';
