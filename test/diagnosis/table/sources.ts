import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseNtpqPeers } from '../../../src/ntp/ntpq-peers.ts';
import type { Source } from '../../../src/ntp/source.ts';
import { collected, source } from '../../builders/sightings.ts';
import { CASES } from '../../ntp/cases.ts';
import { type Case, other, peer, WELL } from './case.ts';

/** Names of AZs without server, as ntpsec 1.2.2 told them that was started two days behind (`ntpq -pnw`). */
const STEPPED = parseNtpqPeers(
  readFileSync(join(CASES, 'ntpsec-1.2.2.names-stepped', 'input.pnw.txt'), 'utf8'),
).value.filter(({ refid }) => refid === '.STEP.');

/** Sources that fail, and what else is told of a host. */
export const SOURCES: readonly Case[] = [
  [
    'with one upstream cut',
    collected({ sources: [peer({ reach: 0 }), other, source('10.0.3.5', { reach: 0o376 })] }),
    'degraded',
    'source 10.0.1.5 (the system peer) heard 0 of its last 8 polls.',
    ['source 10.0.3.5 heard 7 of its last 8 polls.'],
  ],
  [
    'with an upstream that does not resolve; a name of an AZ without server is no harm',
    collected({
      sources: [
        peer(),
        other,
        source('us-west-2b.stratum-2.invalid', { tally: ' ', refid: '.DNS.', stratum: 16, reach: 0 }),
        source('ntp.az-c.pod', { tally: ' ', refid: '.DNS.', stratum: 16, reach: 0 }),
      ],
    }),
    'degraded',
    'us-west-2b.stratum-2.invalid has not resolved.',
    [],
  ],
  [
    'whose ntpsec stepped its clock, which hides what became of names of AZs without server: no harm',
    collected({ sources: [peer(), other, ...STEPPED] }),
    'healthy',
    WELL,
    [],
  ],
  [
    'whose ntpsec stepped its clock, which hides why an upstream has no address',
    collected({ sources: [peer(), other, { ...(STEPPED[0] as Source), remote: 'us-west-2b.stratum-2.invalid' }] }),
    'degraded',
    'us-west-2b.stratum-2.invalid has not resolved, or NTS fails there: once it has stepped its clock ntpsec does not tell which.',
    [],
  ],
  [
    'with a server that was just heard of after a step, which has an address',
    collected({ sources: [peer(), other, source('10.0.3.5', { tally: ' ', refid: '.STEP.', stratum: 16, reach: 0 })] }),
    'degraded',
    'source 10.0.3.5 (.STEP.) heard 0 of its last 8 polls.',
    [],
  ],
  [
    'with the head of a pool, which nobody answers',
    collected({
      sources: [
        peer(),
        other,
        source('pool.stratum-2.invalid', { tally: ' ', type: 'p', refid: '.POOL.', stratum: 16, reach: 0 }),
      ],
    }),
    'healthy',
    'offset 0.125 ms (limit 50 ms), error bound 1.375 ms (limit 200 ms), 2 usable sources.',
    [],
  ],
  [
    'with a broadcast server that is not heard, which nobody asks',
    collected({ sources: [peer(), other, source('10.0.3.5', { tally: ' ', type: 'b', reach: 0 })] }),
    'healthy',
    'offset 0.125 ms (limit 50 ms), error bound 1.375 ms (limit 200 ms), 2 usable sources.',
    [],
  ],
  [
    'with two daemons',
    collected({ otherDaemons: ['chrony'] }),
    'degraded',
    '2 time daemons are active (1 wanted): ntpsec 1.2.2 and chrony.',
    [],
  ],
  [
    'on an old file',
    collected({ configRevision: 'fedcba9876543210' }),
    'degraded',
    'runs on an old file: revision fedcba9876543210, podtime serves 0123456789abcdef.',
    [],
  ],
  [
    "on a file that is not podtime's",
    collected({ configRevision: null }),
    'healthy',
    'offset 0.125 ms (limit 50 ms), error bound 1.375 ms (limit 200 ms), 2 usable sources.',
    ["the file it runs on bears no revision of podtime's (0123456789abcdef is served)."],
  ],
  [
    'with falsetickers and a server that told it to go away',
    collected({
      sources: [
        peer(),
        other,
        source('10.0.3.5', { tally: 'x', offsetMs: 3500.053 }),
        source('10.0.4.5', { tally: ' ', offsetMs: null, refid: '.DENY.', stratum: 16, reach: 0 }),
      ],
    }),
    'degraded',
    'source 10.0.4.5 (.DENY.) heard 0 of its last 8 polls.',
    ['1 falseticker: 10.0.3.5 (offset 3500 ms).', 'told to stop or slow down by 10.0.4.5 (.DENY.).'],
  ],
  [
    'before a leap second',
    collected({ system: { leap: 'add' } }),
    'healthy',
    'offset 0.125 ms (limit 50 ms), error bound 1.375 ms (limit 200 ms), 2 usable sources.',
    ['a leap second is announced: one second to add.'],
  ],
  [
    'of which a number could not be read',
    collected({
      system: { offsetMs: null },
      faults: [{ line: 8, field: 'offsetMs', text: 'offset=??', reason: 'not a decimal number' }],
    }),
    'healthy',
    'offset not known, error bound not known, 2 usable sources.',
    [
      'not known: the offset and the error bound.',
      '1 fault in what it printed, the first at line 8, offsetMs: not a decimal number.',
    ],
  ],
];
