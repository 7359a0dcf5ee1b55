import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { loadFleet } from '../../../../src/fleet/load.ts';
import { fleetToRun } from '../../src/pod/fleet-to-run.ts';
import { WATCHABLE } from '../../src/pod/local-fleet.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleet-to-run-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const toRun = (own: string | null, more: { hosts?: 'simulated' | 'real'; slowness?: number } = {}) =>
  fleetToRun({ own, hosts: 'simulated', slowness: 1, ...more }, { project: process.cwd(), folder });

describe("the lab's own fleet", () => {
  it('runs as it is written on a usual machine', () => {
    const { text, sentences, fleet, file } = toRun(null);
    expect({ text, sentences, file }).toEqual({
      text: null,
      sentences: [],
      file: join(process.cwd(), 'packages/lab/fleet.yml'),
    });
    expect(fleet.pods.map(({ name }) => name)).toEqual(['blue', 'green']);
  });

  it.each([
    ['simulated', 'packages/lab/fleet.yml'],
    ['real', 'packages/lab/fleet.real.yml'],
  ] as const)('has the %s waits that an operator’s file is given', (hosts, file) => {
    const { blue } = parse(readFileSync(file, 'utf8')).pods;
    const { pod, ...groups } = WATCHABLE[hosts];
    expect(blue).toMatchObject({ ...pod, ...groups });
  });

  it('waits longer on a slow machine, and for nothing that hosts count in their own time', () => {
    const usual = toRun(null).fleet.pods[0];
    const { text, fleet, sentences } = toRun(null, { slowness: 3 });
    const [slow] = fleet.pods;
    expect(slow).toEqual({
      ...usual,
      intervalSeconds: 30,
      collectWaitSeconds: 24,
      thresholds: { ...usual?.thresholds, withdrawAfterSeconds: 135 },
      cycling: { ...usual?.cycling, coolDownSeconds: 60 },
      alarms: { ...usual?.alarms, staleSeconds: 900 },
    });
    expect(loadFleet(text ?? '')).toEqual(fleet);
    expect(sentences).toEqual(['this machine is slow, or busy: it waits up to 3 times as long for hosts']);
    expect(toRun(null, { slowness: 100 }).fleet.pods[0]?.collectWaitSeconds).toBe(90);
  });
});

describe("an operator's own fleet file", () => {
  it('of this repository runs without the ids that only AWS gives, its waits short enough to be watched', () => {
    writeFileSync(join(folder, 'own.yml'), readFileSync('fleet.yml'));
    const written = loadFleet(readFileSync('fleet.yml', 'utf8'));
    const { fleet, sentences } = toRun('own.yml');
    expect(sentences).toEqual([
      'its waits are shortened, to be watched: intervalSeconds 10, collectWaitSeconds 8, withdrawAfterSeconds 45, coolDownSeconds 20, staleSeconds 300',
    ]);
    for (const [n, pod] of fleet.pods.entries()) {
      const { vpc, endpoints, zone, hosts } = pod;
      expect({ vpc, endpoints, zone, hosts }).toEqual({
        vpc: expect.stringMatching(/^vpc-[0-9a-f]{17}$/),
        endpoints: [expect.stringMatching(/^vpce-[0-9a-f]{17}$/)],
        zone: { name: written.pods[n]?.zone.name, id: expect.stringMatching(/^ZLOCAL[0-9A-F]{17}$/) },
        hosts: written.pods[n]?.hosts,
      });
      // all else is as it was written
      const { azs, networks, maintenance, association, boundaryServers, poll } = pod;
      expect(written.pods[n]).toMatchObject({ azs, networks, maintenance, association, boundaryServers, poll });
    }
    expect(new Set(fleet.pods.map(({ vpc }) => vpc)).size).toBe(2);
  });

  it('has its ids where they stand there, no size, and the pods of one region', () => {
    const pod = (name: string, region: string, more = '') =>
      `  ${name}: { region: ${region}, zone: { name: ${name}.pod, id: Z${name.toUpperCase()} }, networks: [10.${name.length}.0.0/16], azs: [${region}a, ${region}b]${more} }`;
    const pods = [pod('blue', 'eu-west-1', ', hosts: 40000'), pod('red', 'us-west-2'), pod('yellow', 'eu-west-1')];
    const text = `upstreams: [a.invalid, b.invalid]\ntimeService: source\nleapSmear: accepted\nssm: { readsPerSecond: 3 }\npods:\n${pods.join('\n')}\n`;
    writeFileSync(join(folder, 'regions.yml'), text.replace('hosts: 40000', 'hosts: 2000'));
    const { fleet, sentences } = toRun('regions.yml');
    expect(fleet.pods.map(({ name, zone, hosts }) => [name, zone.id, hosts])).toEqual([
      ['blue', 'ZBLUE', 1000],
      ['yellow', 'ZYELLOW', 1000],
    ]);
    expect([fleet.ssm.readsPerSecond, sentences[0]]).toEqual([
      null,
      'left out, being in another region: red (us-west-2)',
    ]);
  });

  it('is polled often by real daemons, which live in real time', () => {
    const [pod] = toRun('own.yml', { hosts: 'real' }).fleet.pods;
    expect([pod?.poll, pod?.thresholds.confidentPolls, pod?.intervalSeconds]).toEqual([{ min: 4, max: 4 }, 2, 15]);
  });

  it('with faults is told all of them, as packaging does, and nothing is started', () => {
    writeFileSync(join(folder, 'bad.yml'), 'upstreams: [a.invalid]\npods:\n  blue: { colour: 1 }\n');
    expect(() => toRun('bad.yml')).toThrow(
      /^bad\.yml has \d+ faults; nothing is started\.\nbad\.yml:\d+: [\s\S]*pods\.blue\.colour is not a setting/,
    );
  });

  it('that is not there is told with the place that was looked at', () => {
    expect(() => toRun('none.yml')).toThrow(
      `The fleet file none.yml cannot be read: there is no such file (looked for it at ${join(folder, 'none.yml')}).`,
    );
  });
});
