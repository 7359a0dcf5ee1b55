import { ChangeResourceRecordSetsCommand, CreateHostedZoneCommand, type RRType } from '@aws-sdk/client-route-53';
import { describe, expect, it } from '@jest/globals';
import { VPC } from '@podtime/aws-endpoint/testing';
import { write } from '../../builders/temporary-folder.ts';
import {
  account,
  addPod,
  asked,
  DOCS_FLEET,
  ELSEWHERE,
  look,
  SUBNET_A,
  SUBNET_B,
  told,
  VPCS,
  ZONE,
  zoneOf,
} from './account.ts';

describe('what stops a deploy', () => {
  it('a VPC that is not there, and a zone of another', async () => {
    await account({ vpcs: [], zones: [zoneOf({ vpc: ELSEWHERE })] });
    const { status, stops } = await told();
    expect(status).toBe(1);
    expect(stops).toEqual([
      `Pod blue: there is no VPC ${VPC} in this account and us-west-2.`,
      `Pod blue: zone pod (${ZONE}) is associated with 1 VPC, but not with ${VPC} in us-west-2: the pod's hosts find no name of it.`,
      `Pod blue: there is no subnet ${SUBNET_A}, ${SUBNET_B} in this account and us-west-2.`,
    ]);
  });

  it('DNS that is off in the VPC, a zone of another name, and one that is not there', async () => {
    await account({
      vpcs: VPCS.map((vpc) => ({ ...vpc, dnsSupport: false, dnsHostnames: false })),
      zones: [zoneOf({ name: 'other' })],
    });
    expect((await told()).stops).toEqual([
      `Pod blue: enableDnsSupport of ${VPC} is off: its hosts find no name of a private zone.`,
      `Pod blue: enableDnsHostnames of ${VPC} is off: its hosts find no name of a private zone.`,
      `Pod blue: zone ${ZONE} is called other, not pod.`,
    ]);
    const gone = await told((text) => text.replace(ZONE, 'Z0123456789ABCDEFGHK'));
    expect(gone.stops.at(-1)).toBe('Pod blue: there is no hosted zone Z0123456789ABCDEFGHK in this account.');
  });

  it('a public zone', async () => {
    const bench = await account();
    const made = await bench.route53.send(new CreateHostedZoneCommand({ Name: 'pod', CallerReference: 'public' }));
    const id = made.HostedZone?.Id?.replace('/hostedzone/', '') ?? '';
    expect((await told((text) => text.replace(ZONE, id))).stops).toEqual([
      `Pod blue: zone ${id} is public: podtime writes private addresses.`,
    ]);
  });

  it('records of others under the names of its AZs; what bars no name is a warning', async () => {
    const bench = await account({ zones: [zoneOf({ soa: undefined })] });
    addPod();
    const record = (Name: string, Type: RRType, Value: string, more: object = {}) => ({
      Action: 'CREATE' as const,
      ResourceRecordSet: { Name, Type, TTL: 60, ResourceRecords: [{ Value }], ...more },
    });
    const Changes = [
      record('ntp.az-a.pod', 'CNAME', 'old.example.com'),
      record('ntp.az-b.pod', 'A', '10.20.9.9'),
      record('ntp.az-b.pod', 'TXT', '"by hand"'),
      record('ntp.az-c.pod', 'A', '10.20.9.8', { SetIdentifier: 'by hand', MultiValueAnswer: true }),
      record('ntp.az-z.pod', 'A', '10.20.9.7'),
      record('*.pod', 'A', '10.20.9.6'),
    ];
    await bench.route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: ZONE, ChangeBatch: { Changes } }));
    const { stops, warnings, wells } = await told();
    const beside = 'stands there and Route 53 allows no multivalue record beside it.';
    expect(stops).toEqual([
      `Pod blue: no boundary server of ntp.az-a.pod A could be registered: ntp.az-a.pod CNAME ${beside}`,
      `Pod blue: no boundary server of ntp.az-b.pod A could be registered: ntp.az-b.pod A ${beside}`,
    ]);
    expect(warnings).toEqual([
      expect.stringMatching(/^Pod blue: Zone pod has a wildcard record \*\.pod: /),
      expect.stringMatching(/^Pod blue: Zone pod lets a missing name be cached for 900 s \(limit 60 s\): /),
      'Pod blue: ntp.az-b.pod TXT is left as it is: podtime publishes A and AAAA records, not TXT.',
      'Pod blue: ntp.az-c.pod A "by hand" is left as it is: its set identifier is not an instance id.',
      'Pod blue: ntp.az-z.pod A is left as it is: a simple record, without the set identifier that marks an owner.',
    ]);
    expect(wells.filter((well) => /missing name|are free/.test(well))).toEqual([]);
  });

  const named =
    (...ids: string[]) =>
    (text: string) =>
      text.replace(/newEndpoint: .*/, `endpoints: [${ids.join(', ')}]`);

  it('endpoints that are not there, of another service, elsewhere or not available', async () => {
    const endpoint = (n: number, more: object = {}) => ({
      id: `vpce-0000000000000000${n}`,
      service: 'execute-api',
      ...more,
    });
    const [first, ssm, far, late, gone] = [1, 2, 3, 4, 9].map((n) => endpoint(n).id) as [
      string,
      string,
      string,
      string,
      string,
    ];
    const endpoints = [endpoint(1), endpoint(2, { service: 'ssm' }), endpoint(4, { state: 'Pending' })];
    await account({
      vpcs: [
        { id: VPC, endpoints },
        { id: ELSEWHERE, endpoints: [endpoint(3)] },
      ],
    });
    addPod();
    const { stops, warnings, wells } = await told(named(first, ssm, far, late, gone));
    expect(stops).toEqual([
      `Pod blue: endpoint ${ssm} is for com.amazonaws.us-west-2.ssm, not for execute-api.`,
      `Pod blue: there is no endpoint ${gone} in this account and us-west-2.`,
    ]);
    expect(warnings).toEqual([
      `Pod blue: endpoint ${far} is in ${ELSEWHERE}, which is neither the pod's ${VPC} nor an operator's: nobody is let in by it.`,
      `Pod blue: endpoint ${late} is pending, not yet available.`,
    ]);
    expect(wells).toContain('Pod blue: 1 execute-api endpoint of its VPC is available.');
    const of = await told((text) => named(far)(`operatorVpcs: [${ELSEWHERE}]\n${text}`));
    expect([of.stops, of.warnings]).toEqual([
      [`Pod blue: none of its 1 endpoint is available in ${VPC} (limit 1): no host reaches the API.`],
      [],
    ]);
  });

  it('a newEndpoint that cannot be made', async () => {
    const endpoints = [{ id: 'vpce-00000000000000001', service: 'execute-api' }];
    const subnets = [
      { id: SUBNET_A, az: 'us-west-2a' },
      { id: SUBNET_B, az: 'us-west-2a' },
    ];
    await account({
      vpcs: [
        { id: VPC, endpoints, subnets },
        { id: ELSEWHERE, subnets: [{ id: 'subnet-00000003', az: 'us-west-2c' }] },
      ],
    });
    addPod();
    const { stops } = await told((text) =>
      text.replace(`${SUBNET_B}] }`, `${SUBNET_B}, subnet-00000003], privateDns: true }`),
    );
    expect(stops).toEqual([
      `Pod blue: vpce-00000000000000001 has the private DNS of execute-api in ${VPC} already, so a newEndpoint with privateDns cannot be made.`,
      `Pod blue: subnet-00000003 is in ${ELSEWHERE}, not in the pod's ${VPC}.`,
      'Pod blue: newEndpoint has more than one subnet in us-west-2a (limit 1 an AZ).',
    ]);
  });

  it.each([
    [2, 'stop', '; the stack alone takes 3 (1 tick, 2 runs of instances).'],
    [
      10,
      'warning',
      '; the stack takes 3, and 70 more while hosts boot together: these would wait, and ticks with them.',
    ],
    [73, 'well', '; the stack takes 73 at most.'],
  ])('too few functions at one time: of %d unreserved', async (unreserved, severity, rest) => {
    await account({ concurrency: { executions: 1000, unreserved } });
    const { findings } = await told();
    expect(findings.filter(({ check }) => check === 'concurrency')).toMatchObject([
      {
        severity,
        sentence: `Lambda in us-west-2 may run 1000 functions at one time, ${unreserved} of them unreserved${rest}`,
      },
    ]);
  });

  it('ids that fleet.yml lacks; what can be looked at without them is', async () => {
    await account();
    addPod();
    const { status, stops, wells } = await told((text) =>
      text.replace(/^ {4}vpc: .*\n/m, '').replace(`, id: ${ZONE}`, ''),
    );
    expect(status).toBe(1);
    expect(stops).toEqual([
      "Pod blue has no vpc: without it no instance would be the pod's.",
      'Pod blue has no zone id: without it podtime knows no zone to write to.',
    ]);
    expect(wells).toContain('Pod blue: it would begin in mode observe.');
  });

  it('faults of the fleet file, told before anything is asked', async () => {
    await account();
    const before = asked.size;
    const given = write({
      'fleet.yml': DOCS_FLEET.replace('azs: [', 'azs: [us-west-9, ').replace('leapSmear: accepted', ''),
    });
    const { status, lines } = await look('--fleet', `${given}/fleet.yml`);
    expect([status, lines[0], lines.length]).toEqual([1, `${given}/fleet.yml has 2 faults; nothing is built.`, 3]);
    expect(asked.size).toBe(before);
  });
});
