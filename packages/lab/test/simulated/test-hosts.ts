import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSteppedClock, type SteppedClock } from '@podtime/aws-endpoint/clock';
import type { ZoneView } from '@podtime/aws-endpoint/dns';
import type { DaemonKind } from '../../../../src/host/collected.ts';
import type { ServerSpec } from '../../src/simulated/external-servers.ts';
import type { SimulatedHost } from '../../src/simulated/simulated-host.ts';
import {
  createSimulatedHosts,
  type SimulatedHosts,
  type SimulatedHostsOptions,
} from '../../src/simulated/simulated-hosts.ts';

/** The captures' own evening. */
export const START_MS = Date.UTC(2026, 10, 22, 21, 0, 0);

export function fixture(name: string): string {
  return readFileSync(join(__dirname, '../fixtures', name), 'utf8');
}

/** A zone that tests change as they go: name -> addresses. */
export interface TestZone extends ZoneView {
  records: Map<string, string[]>;
  negativeTtlSeconds: number;
}

export function createTestZone(records: Record<string, string[]> = {}): TestZone {
  const zone: TestZone = {
    records: new Map(Object.entries(records)),
    negativeTtlSeconds: 5,
    lookup(name, type) {
      const known = zone.records.get(name);
      const addresses = (known ?? []).filter((address) => address.includes(':') === (type === 'AAAA'));
      if (addresses.length > 0) return { status: 'answer', addresses, ttlSeconds: 30 };
      return {
        status: known === undefined ? 'nxdomain' : 'nodata',
        addresses: [],
        ttlSeconds: zone.negativeTtlSeconds,
      };
    },
  };
  return zone;
}

export interface TestHosts {
  hosts: SimulatedHosts;
  clock: SteppedClock;
  zone: TestZone;
  reports: string[];
  seconds(count: number): Promise<void>;
}

export function createTestHosts(
  options: Partial<SimulatedHostsOptions> = {},
  records: Record<string, string[]> = {},
  startMs = START_MS,
): TestHosts {
  const clock = createSteppedClock(startMs);
  const zone = createTestZone(records);
  const reports: string[] = [];
  const hosts = createSimulatedHosts({
    clock,
    folder: mkdtempSync(join(tmpdir(), 'podtime-hosts-')),
    zoneOf: () => zone,
    graceRealMs: 0,
    onReport: (id, sentence) => reports.push(`${id} ${sentence}`),
    ...options,
  });
  return { hosts, clock, zone, reports, seconds: (count) => clock.advance(count * 1000) };
}

/** A server of the captures: on the same bridge, so a round trip of a tenth of a millisecond. */
export function server(name: string, addresses: string[], more: Partial<ServerSpec> = {}): ServerSpec {
  return {
    name,
    addresses,
    stratum: 2,
    refid: '127.127.1.1',
    place: 'internet',
    roundTripMs: 0.06,
    rootDelayMs: 0,
    rootDispersionMs: 0.01,
    ...more,
  };
}

let nextAddress = 10;

/** A client host that is up at once. */
export function addHost(
  hosts: SimulatedHosts,
  daemon: DaemonKind,
  config: string,
  more: Partial<Parameters<SimulatedHosts['add']>[0]> = {},
): SimulatedHost {
  nextAddress += 1;
  return hosts.add({
    id: `i-${daemon}-${nextAddress}`,
    pod: 'blue',
    tier: 'client',
    az: 'us-west-2a',
    daemon,
    ipv4: `10.0.7.${nextAddress}`,
    ipv6: `fd00:7::${nextAddress}`,
    config,
    bootSeconds: 0,
    clockErrorMs: 0.1,
    ...more,
  });
}

/** What the host's query tool prints of its sources. */
export function peers(host: SimulatedHost): string {
  return host.spec.daemon === 'chrony'
    ? host.answer('chronyc', ['-n', 'sources']).stdout
    : host.answer('ntpq', ['-pnw']).stdout;
}

export interface Row {
  tally: string;
  remote: string;
  refid: string;
  stratum: number;
  poll: string;
  reach: string;
  when: string;
}

/** Rows of `ntpq -p` or `chronyc sources`, wrapped ones joined. */
export function rows(table: string): Row[] {
  const joined = table.replace(/^(.\S{16,})\n {17}/gm, '$1 ');
  return joined.split('\n').flatMap((line) => {
    const chrony = /^[\^=#](.) (\S+) +(\d+) +(\d+) +([0-7]+) +(\S+) +[+-]/.exec(line);
    if (chrony !== null) {
      const [, tally = '', remote = '', stratum = '', poll = '', reach = '', when = ''] = chrony;
      return [{ tally, remote, refid: '', stratum: Number(stratum), poll, reach, when }];
    }
    const ntpq = /^(.)(\S+) +(\S+) +(\d+) ([a-z]) +(\S+) +(\S+) +([0-7]+) +/.exec(line);
    if (ntpq === null) return [];
    const [, tally = '', remote = '', refid = '', stratum = '', , when = '', poll = '', reach = ''] = ntpq;
    return [{ tally, remote, refid, stratum: Number(stratum), poll, reach, when }];
  });
}

export function row(host: SimulatedHost, remote: string): Row | undefined {
  return rows(peers(host)).find((each) => each.remote === remote);
}

/** Values in their order, each once as long as it stays. */
export function changes<T>(values: readonly T[]): T[] {
  return values.filter((value, index) => index === 0 || value !== values[index - 1]);
}
