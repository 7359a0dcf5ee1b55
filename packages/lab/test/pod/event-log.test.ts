import { beforeEach, describe, expect, it } from '@jest/globals';
import type { EndpointEvent } from '@podtime/aws-endpoint';
import type { HostReport, Report } from '../../../../src/report/report.ts';
import { emptyReport } from '../../../../test/builders/empty-report.ts';
import { createEventLog } from '../../src/pod/event-log.ts';
import { readStoredReport } from '../../src/pod/stored-report.ts';

const ID = 'i-00000000000000001';
const LEFT_BEHIND = {
  rule: 'left-behind' as const,
  names: ['ntp.az-b.pod'],
  addresses: ['10.20.2.10'],
  sentence: 'polls 10.20.2.10.',
};

let lines: string[];
let stored: Report | null;
let tell: (event: EndpointEvent) => void;

beforeEach(() => {
  lines = [];
  stored = null;
  tell = createEventLog({
    print: (line) => void lines.push(line.replace(/^[\d:]{8} +/, '').replace(/ {2,}/, ' ')),
    nameOf: (id) => (id === ID ? 'blue-client-a1' : id),
    reportAt: () => stored && readStoredReport(Buffer.from(JSON.stringify(stored))),
  });
});

/** What is told of a report in which the host stands so. */
function logged(host: Partial<HostReport>, refusals: Report['refusals'] = []): string[] {
  lines = [];
  const judged: HostReport = {
    instanceId: ID,
    tier: 'client',
    az: 'us-west-2a',
    addresses: ['10.20.1.110'],
    state: 'healthy',
    confident: true,
    measures: {
      offsetMs: 0,
      timeServiceOffsetMs: 0,
      errorBoundMs: 1,
      jitterMs: 0,
      delayMs: 0,
      reachRatio: 1,
      reachableSources: 3,
      usableSources: 3,
      ageSeconds: 600,
    },
    polled: [0],
    ...host,
  };
  const polledAddresses = ['10.20.2.42', '10.20.2.10'];
  stored = { ...emptyReport('blue'), hosts: [judged], polledAddresses, staleness: [LEFT_BEHIND], refusals };
  tell({ kind: 'object put', bucket: 'reports', key: 'blue/report.json', etag: '"1"' });
  return lines.filter((line) => /^(stale|healed) /.test(line) && !line.includes(' is healthy'));
}

describe('a host that DNS has left behind', () => {
  const HEALED = ['healed blue-client-a1 polls what DNS says again'];
  const SILENT: Partial<HostReport> = { state: 'unknown', polled: [], confident: false };
  const BLIND = [
    { rule: 'blind', count: 1, subjects: ['blue'], sentence: 'Nothing is cycled: the zone could not be read.' },
  ];

  beforeEach(() => {
    expect(logged({ stale: 0, polled: [1] })).toEqual(['stale blue-client-a1: polls 10.20.2.10.']);
  });

  it('is healed when it is seen to follow, and that is told once', () => {
    expect(logged({})).toEqual(HEALED);
    expect(logged({})).toEqual([]);
  });

  it.each<[string, Partial<HostReport>, Report['refusals']]>([
    ['has fallen silent', SILENT, []],
    ['has no daemon that runs', { state: 'no-daemon', polled: [] }, []],
    ['has a daemon that does not answer', { state: 'unsynchronised', polled: [] }, []],
    ['polls none of a name since a moment', { unjoinedNames: ['ntp.az-c.pod'] }, []],
    ['cannot be judged, as the zone was not read', {}, BLIND],
  ])('is not healed, nor newly stale after it, when it %s', (_, host, refusals) => {
    expect(logged(host, refusals)).toEqual([]);
    expect(logged({ stale: 0, polled: [1] })).toEqual([]);
    expect(logged(host, refusals)).toEqual([]);
    expect(logged({})).toEqual(HEALED);
  });
});

describe('a host that polls what DNS says while it is cycled', () => {
  const HEALED = ['healed blue-client-a1 polls what DNS says again'];
  const DOCUMENT = 'podtime-local-cycle';
  const sent = (commandId: string, instanceIds: string[], document = DOCUMENT) =>
    tell({ kind: 'command sent', commandId, document, comment: '', instanceIds, tags: {} });
  const NOT_HEALED = 'after 60 s, wanted ntp.az-b.pod, heard ntp.az-c.pod, system peer yes';

  beforeEach(() => {
    logged({ stale: 0, polled: [1] });
    sent('c-1', [ID]);
    expect(logged({})).toEqual([]);
  });

  it('is healed after it is told how its cycle ended', () => {
    lines = [];
    const output = `verdict failed not-healed: ${NOT_HEALED}\n`;
    const statusDetails = 'Failed';
    tell({ kind: 'invocation ended', commandId: 'c-1', document: DOCUMENT, instanceId: ID, statusDetails, output });
    expect(lines).toEqual([
      `failed blue-client-a1: its daemon was cycled, but did not hear and follow what DNS names: ${NOT_HEALED}`,
    ]);
    expect(logged({})).toEqual(HEALED);
  });

  it('is healed once its command has ended, whatever was told of the host', () => {
    const ended = { document: DOCUMENT, comment: '', statusDetails: 'Success', counts: {} };
    tell({ kind: 'command ended', commandId: 'c-2', ...ended });
    expect(logged({})).toEqual([]);
    tell({ kind: 'command ended', commandId: 'c-1', ...ended });
    expect(logged({})).toEqual(HEALED);
  });
});

it.each([
  ['cycles another host', ['i-00000000000000002'], 'podtime-local-cycle'],
  ['only looks', [ID], 'podtime-local-collect'],
])('a command that %s keeps no host from being healed', (_, instanceIds, document) => {
  logged({ stale: 0, polled: [1] });
  tell({ kind: 'command sent', commandId: 'c', document, comment: '', instanceIds, tags: {} });
  expect(logged({})).toEqual(['healed blue-client-a1 polls what DNS says again']);
});

describe('why hosts are not cycled', () => {
  it.each([
    ['wave', '3 of 4 stale clients are to be cycled now.', 'wave 3 of 4 stale clients are to be cycled now.'],
    ['wave-under-way', 'A wave is under way.', 'wave A wave is under way.'],
    ['cool-down', `${ID} was cycled.`, 'refused blue-client-a1 was cycled.'],
  ])('by rule %s is told by what it is', (rule, sentence, line) => {
    logged({}, [{ rule, count: 1, subjects: [ID], sentence }]);
    expect(lines).toContain(line);
  });
});

describe('a change of records', () => {
  const changed = (action: 'CREATE' | 'UPSERT' | 'DELETE', comment: string, address = '10.20.2.10') => {
    lines = [];
    const change = { action, name: 'ntp.az-b.pod.', type: 'A', setIdentifier: ID, values: [address] };
    tell({ kind: 'records changed', zone: 'pod.', changeId: 'C1', changes: [change], comment });
    return lines;
  };
  const WHAT = 'ntp.az-b.pod A 10.20.2.10 (blue-client-a1)';

  it('by podtime is a server registered or withdrawn', () => {
    expect(changed('UPSERT', 'podtime tick-1')).toEqual([`registered ${WHAT}`]);
    expect(changed('DELETE', 'podtime tick-1')).toEqual([`withdrawn ${WHAT}`]);
  });

  it('by podtime that leaves what stands there is not told again, by somebody else it is', () => {
    expect(changed('UPSERT', 'podtime event-1')).toEqual([`registered ${WHAT}`]);
    expect(changed('UPSERT', 'podtime tick-1')).toEqual([]);
    expect(changed('UPSERT', '')).toEqual([`by hand = ${WHAT}`]);
    expect(changed('UPSERT', 'podtime tick-2', '10.20.2.42')).toEqual([
      'registered ntp.az-b.pod A 10.20.2.42 (blue-client-a1)',
    ]);
    expect(changed('UPSERT', 'podtime tick-3')).toEqual([`registered ${WHAT}`]);
    expect(changed('DELETE', '')).toEqual([`by hand - ${WHAT}`]);
    expect(changed('UPSERT', 'podtime tick-4')).toEqual([`registered ${WHAT}`]);
  });

  it.each([
    ['CREATE', '+'],
    ['UPSERT', '='],
    ['DELETE', '-'],
  ] as const)('by somebody else is none: %s', (action, sign) => {
    expect(changed(action, '')).toEqual([`by hand ${sign} ${WHAT}`]);
  });
});

describe('a run of the cycle document', () => {
  const ended = (output: string, statusDetails: string, document = 'podtime-local-cycle') => {
    lines = [];
    tell({ kind: 'invocation ended', commandId: 'c', document, instanceId: ID, statusDetails, output });
    return lines;
  };

  it.each([
    ['cycled ntpsec in 9 s', 'Success', 'cycled blue-client-a1: cycled ntpsec in 9 s'],
    [
      'nothing not-yet ntp.az-b.pod',
      'Success',
      'refused blue-client-a1: nothing done, its resolver does not see ntp.az-b.pod yet',
    ],
    ['nothing already-right', 'Success', 'refused blue-client-a1: nothing done, it polls what DNS says'],
    ['nothing cool-down 420', 'Success', 'refused blue-client-a1: nothing done, 420 s of its cool-down are left'],
    ['nothing of the kind', 'Success', 'refused blue-client-a1: nothing done, of the kind'],
    ['failed state: cannot write /var', 'Failed', 'failed blue-client-a1: it cannot write /var'],
  ])('that ends in "verdict %s" is told by its verdict', (verdict, statusDetails, line) => {
    expect(ended(`verdict ${verdict}\n     remote\nverdict cycled by a captured output\n`, statusDetails)).toEqual([
      line,
    ]);
  });

  it.each([
    ['Terminated', 'refused blue-client-a1: nothing done, too many others failed (Terminated)'],
    ['Cancelled', 'refused blue-client-a1: nothing done, the command was cancelled (Cancelled)'],
    ['DeliveryTimedOut', 'failed blue-client-a1: DeliveryTimedOut, without a verdict'],
    ['Success', 'failed blue-client-a1: Success, without a verdict'],
  ])('without a verdict is told by its status %s, never as cycled', (statusDetails, line) => {
    expect(ended('', statusDetails)).toEqual([line]);
  });

  it('is the only document whose runs are told', () => {
    expect(ended('verdict cycled ntpsec in 9 s\n', 'Success', 'podtime-local-collect')).toEqual([]);
  });
});
