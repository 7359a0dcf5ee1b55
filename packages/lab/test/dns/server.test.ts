import { execFile, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { ChangeResourceRecordSetsCommand, type RRType } from '@aws-sdk/client-route-53';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Bench, startBench, ZONE_ID } from '@podtime/aws-endpoint/testing';
import { type DnsProcess, spawnDnsServer } from '../../src/dns/spawn-server.ts';
import { OUTSIDE } from './zone.ts';

const run = promisify(execFile);
const noDig = spawnSync('dig', ['-v']).status !== 0;
const really = noDig ? it.skip : it;

interface Dug {
  status: string;
  flags: string;
  /** `NAME TTL TYPE VALUE`, sorted. */
  answers: string[];
  soa: string | null;
}

describe(`the DNS server in a process of its own, asked by dig${noDig ? ' (skipped: no dig here)' : ''}`, () => {
  let bench: Bench;
  let dns: DnsProcess;

  const dig = async (at: 'resolver' | 'authority', name: string, type: string, ...options: string[]): Promise<Dug> => {
    const port = String(dns.ports[at === 'resolver' ? 0 : 1]);
    const asked = ['@127.0.0.1', '-p', port, name, type, '+time=5', '+tries=2', ...options];
    const { stdout } = await run('dig', asked);
    const section = (title: string) => {
      const [, rest = ''] = stdout.split(`;; ${title} SECTION:\n`);
      const lines = rest.split('\n\n')[0]?.split('\n') ?? [];
      return lines.filter(Boolean).map((line) =>
        line
          .split(/\s+/)
          .filter((word) => word !== 'IN')
          .join(' '),
      );
    };
    return {
      status: /status: (\w+)/.exec(stdout)?.[1] ?? stdout,
      flags: /flags: ([\w ]*);/.exec(stdout)?.[1] ?? '',
      answers: section('ANSWER').sort(),
      soa: section('AUTHORITY')[0] ?? null,
    };
  };

  const change = async (Action: 'UPSERT' | 'DELETE', records: [name: string, identifier: string, value: string][]) => {
    await bench.route53.send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: ZONE_ID,
        ChangeBatch: {
          Changes: records.map(([Name, SetIdentifier, Value]) => ({
            Action,
            ResourceRecordSet: {
              Name,
              Type: (Value.includes(':') ? 'AAAA' : 'A') as RRType,
              SetIdentifier,
              MultiValueAnswer: true,
              TTL: 30,
              ResourceRecords: [{ Value }],
            },
          })),
        },
      }),
    );
  };
  const comeIntoSync = async () => {
    await bench.clock.advance(120_000);
    await dns.publish([bench.endpoint.servedZone(ZONE_ID)]);
  };

  beforeAll(async () => {
    bench = await startBench({
      zones: [
        {
          id: ZONE_ID,
          name: 'pod',
          vpc: 'vpc-0a1b2c3d4e5f60718',
          region: 'us-west-2',
          soa: { ttlSeconds: 60, minimumSeconds: 45 },
        },
      ],
    });
    dns = await spawnDnsServer({
      prefix: [],
      listen: [
        { role: 'resolver', address: '127.0.0.1', port: 0 },
        { role: 'authority', address: '127.0.0.1', port: 0 },
      ],
      zones: [bench.endpoint.servedZone(ZONE_ID)],
      outside: OUTSIDE,
    });
  });

  afterAll(async () => {
    await dns?.close();
    await bench?.close();
  });

  really("agrees with Route 53's records, on UDP and TCP, once they are in sync", async () => {
    const many = Array.from({ length: 11 }, (_, at) => `10.20.7.${at + 1}`);
    await change('UPSERT', [
      ['ntp.az-a.pod', 'i-1', '10.20.1.10'],
      ['ntp.az-a.pod', 'i-1', '2001:db8:20:1::a'],
      ['ntp.az-b.pod', 'i-2', '10.20.2.10'],
      ['ntp.az-b.pod', 'i-3', '10.20.2.11'],
      ...many.map((address, at): [string, string, string] => ['ntp.az-g.pod', `i-${at}`, address]),
    ]);
    expect((await dig('authority', 'ntp.az-a.pod', 'A')).status).toBe('NXDOMAIN');
    await comeIntoSync();

    const records = bench.endpoint.records().filter(({ type }) => type === 'A' || type === 'AAAA');
    const names = [...new Set(records.map(({ name }) => name))];
    expect(names).toHaveLength(3);
    for (const name of names) {
      for (const type of ['A', 'AAAA']) {
        const held = records.filter((record) => record.name === name && record.type === type);
        const lines = held.map(({ values, ttlSeconds }) => `${name} ${ttlSeconds} ${type} ${values[0]}`).sort();
        for (const way of ['+notcp', '+tcp']) {
          const answered = await dig('authority', name, type, way);
          expect({ name, type, way, status: answered.status }).toEqual({ name, type, way, status: 'NOERROR' });
          if (lines.length <= 8) expect(answered.answers).toEqual(lines);
          else {
            expect(answered.answers).toHaveLength(8);
            expect(answered.answers.filter((line) => !lines.includes(line))).toEqual([]);
          }
          expect(answered.soa?.split(' ').slice(0, 3) ?? null).toEqual(lines.length > 0 ? null : ['pod.', '45', 'SOA']);
        }
      }
    }
    // eight at a time, each in its turn
    const seen = new Set(
      (await Promise.all(many.map(() => dig('authority', 'ntp.az-g.pod', 'A')))).flatMap((t) => t.answers),
    );
    expect(seen.size).toBe(many.length);
    expect(await dig('authority', 'ntp.az-f.pod', 'A')).toMatchObject({
      status: 'NXDOMAIN',
      flags: 'qr aa rd',
      answers: [],
    });
    expect((await dig('authority', 'example.com', 'A')).status).toBe('REFUSED');
    const [soa] = (await dig('authority', 'pod', 'SOA')).answers;
    expect(soa).toMatch(
      /^pod\. 60 SOA ns-1536\.awsdns-00\.co\.uk\. awsdns-hostmaster\.amazon\.com\. 1 7200 900 1209600 45$/,
    );
  });

  really(
    'as a resolver keeps what it was told, good or bad, until told to forget, and knows the upstream servers',
    async () => {
      expect((await dig('resolver', 'us-west-2b.stratum-2.invalid', 'AAAA')).answers).toEqual([
        'us-west-2b.stratum-2.invalid. 300 AAAA 2001:db8:ffff::11',
      ]);
      expect((await dig('resolver', 'www.example.com', 'A')).status).toBe('NXDOMAIN');
      const before = await dig('resolver', 'ntp.az-b.pod', 'A');
      expect(before).toMatchObject({ status: 'NOERROR', flags: 'qr rd ra' });
      const missing = await dig('resolver', 'ntp.az-c.pod', 'A');
      expect(missing).toMatchObject({ status: 'NXDOMAIN', answers: [] });
      await dns.hold();
      await change('DELETE', [['ntp.az-b.pod', 'i-2', '10.20.2.10']]);
      await comeIntoSync();
      await change('UPSERT', [['ntp.az-c.pod', 'i-4', '10.20.3.10']]);
      await comeIntoSync();
      const addresses = ({ answers }: Dug) => answers.map((line) => line.split(' ')[3]);
      expect(addresses(await dig('authority', 'ntp.az-b.pod', 'A'))).toEqual(['10.20.2.11']);
      expect(addresses(await dig('resolver', 'ntp.az-b.pod', 'A'))).toEqual(['10.20.2.10', '10.20.2.11']);
      expect((await dig('resolver', 'ntp.az-c.pod', 'A')).status).toBe('NXDOMAIN');
      await dns.release();
      await dns.flush();
      expect(addresses(await dig('resolver', 'ntp.az-b.pod', 'A'))).toEqual(['10.20.2.11']);
      expect(addresses(await dig('resolver', 'ntp.az-c.pod', 'A'))).toEqual(['10.20.3.10']);
    },
  );

  really('goes on after nonsense', async () => {
    const port = dns.ports[0] ?? 0;
    const socket = createSocket('udp4');
    for (const bytes of ['', '\0', 'GET / HTTP/1.1\r\n\r\n', '\xc0\x0c'.repeat(200), '\0'.repeat(12)]) {
      await new Promise((resolve) => socket.send(Buffer.from(bytes, 'latin1'), port, '127.0.0.1', resolve));
    }
    socket.close();
    await new Promise<void>((resolve) => {
      const connection = connect(port, '127.0.0.1', () => connection.end('\0\x05hello\xff\xffand no more'));
      connection
        .on('error', () => {})
        .on('close', () => resolve())
        .resume();
    });
    expect((await dig('resolver', 'us-west-2c.stratum-2.invalid', 'A')).status).toBe('NOERROR');
    expect((await dig('resolver', 'us-west-2c.stratum-2.invalid', 'A', '+tcp')).status).toBe('NOERROR');
  });

  it('says why it cannot listen, and has then ended', async () => {
    const [port = 0] = dns.ports;
    const taken = { role: 'resolver' as const, address: '127.0.0.1', port };
    await expect(spawnDnsServer({ prefix: [], listen: [taken], zones: [], outside: [] })).rejects.toThrow(
      /^The DNS server cannot listen: .*EADDRINUSE/,
    );
  });
});
