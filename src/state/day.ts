import { STATES } from '../diagnosis/judgement.ts';
import { described, INTEGER, list, NUMBER, type Of, object, optional, recordOf, TEXT } from '../fleet/json-schema.ts';

const DAY_POINT = object({
  atMs: described('Epoch ms; when the tick began', NUMBER),
  gapSeconds: described(
    'Before it no tick ran for so long that should have. Missing: none is missed',
    optional(NUMBER),
  ),
  offsetMs: described(
    'Signed offsets of the hosts that told one: least, 5 %, 25 %, half, 75 %, 95 %, most. Missing: none did',
    optional(list(NUMBER)),
  ),
  errorBoundMs: described('Clock error bounds: half, 95 %, most. Missing: none is known', optional(list(NUMBER))),
  skewMs: described('As `clocks.skew.skewMs`. Missing: not known', optional(NUMBER)),
  states: described('State -> hosts. Missing: none', recordOf(STATES, INTEGER)),
  stale: described('Clients that DNS has left behind. Missing: none', optional(INTEGER)),
  cycled: described('Hosts cycled since the point before, by their own stamps. Missing: none', optional(INTEGER)),
  dnsChanges: described('Records changed since the point before. Missing: none', optional(INTEGER)),
});

export type DayPoint = Of<typeof DAY_POINT>;

/** The pod's last 24 hours, oldest first, one point for each five minutes in which a tick ran, or fewer. */
export const DAY_SCHEMA = list(DAY_POINT);

/** What is remembered of them. */
export const DAY_MEMORY_SCHEMA = object({
  points: DAY_SCHEMA,
  records: described(
    'Records of the last tick, `NAME TYPE SET-IDENTIFIER ADDRESS`: changes are told from these',
    list(TEXT),
  ),
});

export type DayMemory = Of<typeof DAY_MEMORY_SCHEMA>;
