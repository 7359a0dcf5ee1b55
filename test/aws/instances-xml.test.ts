import { Readable } from 'node:stream';
import { DescribeInstancesCommand, EC2Client, type Instance } from '@aws-sdk/client-ec2';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hostNumber } from '../../bench/scale/fleet.ts';
import { reservationXml } from '../../bench/scale/instance-xml.ts';
import { instancesIn } from '../../src/aws/instances-xml.ts';

const answer = (reservations: string, after = '') =>
  '<?xml version="1.0" encoding="UTF-8"?>\n<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">' +
  `<requestId>r</requestId><reservationSet>${reservations}</reservationSet>${after}</DescribeInstancesResponse>`;
const reservationOf = (...instances: string[]) =>
  `<item><ownerId>1</ownerId><instancesSet>${instances.map((each) => `<item>${each}</item>`).join('')}</instancesSet></item>`;

/** What the SDK alone reads; null where it cannot. */
async function readBySdk(xml: string): Promise<Instance[] | null> {
  const response = {
    statusCode: 200,
    headers: { 'content-type': 'text/xml' },
    body: Readable.from([Buffer.from(xml)]),
  };
  const client = new EC2Client({
    region: 'us-west-2',
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'example' },
    maxAttempts: 1,
    requestHandler: { handle: async () => ({ response }) },
  });
  try {
    const { Reservations } = await client.send(new DescribeInstancesCommand({}));
    if (!Reservations || Reservations.some(({ Instances }) => !Instances)) return null;
    return Reservations.flatMap(({ Instances = [] }) => Instances);
  } catch {
    return null;
  }
}

/** What is wanted of it, and of tags podtime's own. */
const wantedOf = (instance: Instance) => ({
  InstanceId: instance.InstanceId,
  State: instance.State && { Name: instance.State.Name },
  LaunchTime: instance.LaunchTime?.getTime(),
  Placement: instance.Placement && { AvailabilityZone: instance.Placement.AvailabilityZone },
  VpcId: instance.VpcId,
  PrivateIpAddress: instance.PrivateIpAddress,
  Tags: instance.Tags?.filter(({ Key = '' }) => /^ntp-(pod|tier|hold)$/.test(Key)),
  NetworkInterfaces: instance.NetworkInterfaces?.map(({ Attachment, Ipv6Addresses }) => ({
    Attachment: Attachment && { DeviceIndex: Attachment.DeviceIndex },
    Ipv6Addresses: Ipv6Addresses?.map(({ Ipv6Address }) => ({ Ipv6Address })),
  })),
});
const allWanted = (instances: Instance[] | null | undefined) => instances?.map(wantedOf) ?? null;

const BOOTING = reservationOf(
  '<instanceId>i-1</instanceId><instanceState><code>0</code><name>pending</name></instanceState>',
);

describe('the instances of an answer', () => {
  it('are those that the SDK reads, of an answer as EC2 writes it', async () => {
    const xml = answer([0, 1, 20].map((number) => reservationXml(hostNumber(number))).join(''));
    const read = instancesIn(xml);
    expect(allWanted(read?.instances)).toEqual(allWanted(await readBySdk(xml)));
    expect(read?.instances).toHaveLength(3);
    expect(read?.instances[2]).toEqual({
      InstanceId: hostNumber(20).instanceId,
      State: { Name: 'running' },
      LaunchTime: new Date('2026-11-01T08:00:00Z'),
      Placement: { AvailabilityZone: 'us-west-2g' },
      VpcId: 'vpc-0b10e0b10e0b10e01',
      PrivateIpAddress: '10.0.1.20',
      Tags: [
        { Key: 'ntp-pod', Value: 'blue' },
        { Key: 'ntp-tier', Value: 'client' },
      ],
      NetworkInterfaces: [{ Attachment: { DeviceIndex: 0 }, Ipv6Addresses: [{ Ipv6Address: 'fd00:20::114' }] }],
    });
  });

  it('leave the rest to the SDK: what stands before and behind, and that there was a set', () => {
    const after = '<nextToken>t &amp; u</nextToken>';
    expect(instancesIn(answer(BOOTING, after))?.rest).toBe(answer('', after));
    expect(instancesIn(answer('', after))).toEqual({ instances: [], rest: answer('', after) });
  });

  it('may be several of a reservation, or none', () => {
    const xml = answer(reservationOf('<instanceId>i-1</instanceId>', '<instanceId>i-2</instanceId>') + reservationOf());
    expect(instancesIn(xml)?.instances.map(({ InstanceId }) => InstanceId)).toEqual(['i-1', 'i-2']);
  });

  it.each([
    ['several lines', 'two\nlines'],
    ['lines of Windows', 'two\r\nlines'],
    ['a character by its number', 'caf&#xe9;'],
    ['an entity that is none', 'R&D &bogus;'],
  ])('are read also where a tag that is not of podtime has %s', (_, value) => {
    const foreign = `<item><key>Notes</key><value>${value}</value></item><item><value>${value}</value><key>Notes</key></item>`;
    const xml = answer(
      reservationOf(`<tagSet>${foreign}<item><value>blue</value><key>ntp-pod</key></item>${foreign}</tagSet>`),
    );
    expect(instancesIn(xml)?.instances).toEqual([{ Tags: [{ Key: 'ntp-pod', Value: 'blue' }] }]);
  });

  it('have a tag by its name, however that is written', () => {
    const xml = answer(reservationOf('<tagSet><item><key>ntp&#45;hold</key><value>a\nb</value></item></tagSet>'));
    expect(instancesIn(xml)?.instances).toEqual([{ Tags: [{ Key: 'ntp-hold', Value: 'a\nb' }] }]);
  });

  it.each([
    ['an error', '<Response><Errors><Error><Code>Blocked</Code></Error></Errors></Response>'],
    ['a page of HTML', '<html><body><p class="x">Bad gateway</p></body></html>'],
    ['nothing', ''],
    ['an empty set', '<DescribeInstancesResponse><reservationSet/></DescribeInstancesResponse>'],
    ['a reservation without instances', answer('<item><ownerId>1</ownerId></item>')],
    ['an empty reservation', answer('<item/>')],
    ['another list', answer('<member><instancesSet/></member>')],
    ['a time that is none', answer(reservationOf('<launchTime>2026-13-01T08:00:00Z</launchTime>'))],
    ['a time of another form', answer(reservationOf('<launchTime>1795383469</launchTime>'))],
    ['a time that is empty', answer(reservationOf('<launchTime/>'))],
    [
      'a device that is no number',
      answer(
        reservationOf(
          '<networkInterfaceSet><item><attachment><deviceIndex>x</deviceIndex></attachment></item></networkInterfaceSet>',
        ),
      ),
    ],
    ['a set without an end', answer(BOOTING).replace('</reservationSet>', '')],
  ])('are left to the SDK where the answer is %s', (_, xml) => {
    expect(instancesIn(xml)).toBeNull();
  });
});

const NAMES = ['a', 'é & <b>', '"x\'', '', 'ntp-tier', ' 1 ', '時刻', 'a\nb', '\r\n c\r', ' \n', '\t', '🕒'];
const escaped = (text: string) =>
  text.replace(
    /[&<>"']/g,
    (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[character] ?? '&apos;',
  );
/** Each character by its number, hexadecimal or decimal; or each half of one that has two. */
const numbered = (text: string) =>
  Array.from(text, (character, index) =>
    index % 2 === 0 ? `&#x${character.codePointAt(0)?.toString(16)};` : `&#${character.codePointAt(0)};`,
  ).join('');
const halves = (text: string) =>
  text
    .split('')
    .map((half) => `&#${half.charCodeAt(0)};`)
    .join('');
const text = fc
  .tuple(fc.constantFrom(...NAMES), fc.constantFrom(escaped, escaped, numbered, halves))
  .map(([name, write]) => write(name));
/** Of an element that podtime does not read. */
const CDATA = '<![CDATA[</value></imageId><key>ntp-pod</key><value>&]]>';
const foreignText = fc.oneof({ arbitrary: text, weight: 30 }, { arbitrary: fc.constant(CDATA), weight: 1 });
const element = (name: string, content: fc.Arbitrary<string>) =>
  fc
    .tuple(content, fc.boolean())
    .map(([inside, isShort]) => (inside === '' && isShort ? `<${name}/>` : `<${name}>${inside}</${name}>`));
/** Some of these, in any order, each once. */
const someOf = (...elements: fc.Arbitrary<string>[]) =>
  fc
    .tuple(fc.shuffledSubarray(elements.map((_, index) => index)), fc.tuple(...elements), fc.constantFrom('', '\n  '))
    .map(([order, made, gap]) => order.map((index) => `${made[index]}${gap}`).join(''));
const listOf = (item: fc.Arbitrary<string>) =>
  fc.array(element('item', item), { maxLength: 3 }).map((items) => items.join(''));
const foreignGroups = element('groupSet', listOf(someOf(element('groupId', text), element('instanceId', text))));
const tagOf = (key: fc.Arbitrary<string>, value: fc.Arbitrary<string>) =>
  someOf(element('key', key), element('value', value), element('x', text));
const tagItem = fc.oneof(
  tagOf(fc.constantFrom('ntp-pod', 'ntp-tier', 'ntp&#x2d;hold'), text),
  tagOf(fc.constantFrom('Name', 'R&amp;D', 'Caf&#233;', 'two\nlines'), foreignText),
);
const card = someOf(
  element('attachment', someOf(element('deviceIndex', fc.constantFrom('0', '1')), element('status', text))),
  element(
    'ipv6AddressesSet',
    listOf(someOf(element('ipv6Address', text), element('isPrimaryIpv6', fc.constant('false')))),
  ),
  element('privateIpAddress', text),
  foreignGroups,
);
const instance = someOf(
  element('instanceId', text),
  element('instanceState', someOf(element('code', fc.constant('16')), element('name', text))),
  element('launchTime', fc.constantFrom('2026-11-01T08:00:00.000Z', '2026-11-01T08:00:00Z')),
  element('placement', someOf(element('availabilityZone', text), element('tenancy', text))),
  element('vpcId', text),
  element('privateIpAddress', text),
  element('tagSet', listOf(tagItem)),
  element('networkInterfaceSet', listOf(card)),
  element('imageId', foreignText),
  foreignGroups,
);
const reservation = fc
  .tuple(element('instancesSet', listOf(instance)), someOf(element('ownerId', text), foreignGroups))
  .map(([instances, others]) => `<item>${others}${instances}</item>`);
const answers = fc.array(reservation, { maxLength: 2 }).map((reservations) => answer(reservations.join('')));

it('reads of any instances what the SDK reads, and leaves CDATA to it', async () => {
  await fc.assert(
    fc.asyncProperty(answers, async (xml) => {
      const bySdk = await readBySdk(xml);
      expect(bySdk).not.toBeNull();
      expect(allWanted(instancesIn(xml)?.instances)).toEqual(xml.includes(CDATA) ? null : allWanted(bySdk));
    }),
    { numRuns: 3000 },
  );
});

it('reads of a damaged answer nothing else than the SDK, where that can read it', async () => {
  const damaged = fc
    .tuple(
      answers,
      fc.nat(),
      fc.nat({ max: 8 }),
      fc.constantFrom('', '<', '>', '/', '&', 'x', ' ', '<item>', '<!-- -->'),
    )
    .map(([xml, at, length, put]) => {
      const from = at % xml.length;
      return xml.slice(0, from) + put + xml.slice(from + length);
    });
  await fc.assert(
    fc.asyncProperty(damaged, async (xml) => {
      const read = instancesIn(xml);
      const bySdk = read && (await readBySdk(xml));
      if (read && bySdk) expect(allWanted(read.instances)).toEqual(allWanted(bySdk));
    }),
    { numRuns: 300 },
  );
});
