import { collected, source } from '../../builders/sightings.ts';
import { type Case, other, peer } from './case.ts';

/** A clock against its limits. */
export const AGAINST_LIMITS: readonly Case[] = [
  [
    'behind',
    collected({ system: { offsetMs: 152.3 } }),
    'adrift',
    'offset 152.3 ms is over the limit of 50 ms: the clock is behind its reference.',
    [],
  ],
  [
    'ahead by so little that rounding would hide it',
    collected({ system: { offsetMs: -50.00004 } }),
    'adrift',
    'offset -50.00004 ms is over the limit of 50 ms: the clock is ahead of its reference.',
    [],
  ],
  [
    'just within its limit',
    collected({ system: { offsetMs: -50 } }),
    'healthy',
    'offset -50 ms (limit 50 ms), error bound 51.25 ms (limit 200 ms), 2 usable sources.',
    [],
  ],
  [
    'of an error bound over the limit',
    collected({ system: { offsetMs: -20, rootDispersionMs: 100, rootDelayMs: 200 } }),
    'uncertain',
    'clock error bound 220 ms is over the limit of 200 ms.',
    [],
  ],
  [
    'away from AWS, by a time service that is watched and not followed',
    collected({ sources: [peer(), other, source('169.254.169.123', { tally: ' ', offsetMs: -60 })] }),
    'adrift',
    "offset from the AWS time service -60 ms is over the limit of 50 ms: the clock is ahead of AWS's.",
    [],
  ],
  [
    'away from AWS, by IPv6',
    collected({ sources: [peer(), other, source('fd00:ec2::123', { offsetMs: 60 })] }),
    'adrift',
    "offset from the AWS time service 60 ms is over the limit of 50 ms: the clock is behind AWS's.",
    [],
  ],
  [
    'away from AWS once, but the time service has been silent since',
    collected({ sources: [peer(), other, source('169.254.169.123', { reach: 0, offsetMs: 60 })] }),
    'degraded',
    'the AWS time service (169.254.169.123) heard 0 of its last 8 polls.',
    [],
  ],
];
