import type { Instance, InstanceNetworkInterface, InstanceStateName, Tag } from '@aws-sdk/client-ec2';
import { TAGS } from '../fleet/fleet.ts';
import { copyOf, textFrom, UnusualXml, XmlReader } from './xml-reader.ts';

/** What a DescribeInstances answer says of instances, as far as it is wanted, and the answer without them. */
export interface ReadInstances {
  instances: Instance[];
  /** For the SDK, with an empty set of reservations. */
  rest: string;
}

const RESERVATIONS = '<reservationSet>';
const OWN_TAGS: readonly string[] = Object.values(TAGS);

/**
 * The instances in an answer of EC2, each with what `hostOf` reads: a tenth of what EC2 says of it. null where the text is not
 * what EC2 writes (an error, a page of HTML, one cut off, a value of another form): then the SDK is to read all of it, and to say
 * what is wrong. Decision 0073.
 */
export function instancesIn(xml: string): ReadInstances | null {
  const start = xml.indexOf(RESERVATIONS) + RESERVATIONS.length;
  if (start < RESERVATIONS.length) return null;
  try {
    const reader = new XmlReader(xml, start);
    const instances = listOf(reader, 'reservationSet', reservation).flat();
    return { instances, rest: `${xml.slice(0, start)}</reservationSet>${xml.slice(reader.at)}` };
  } catch (error) {
    if (error instanceof UnusualXml) return null;
    throw error;
  }
}

/** Each `item` of a list. */
function listOf<T>(xml: XmlReader, list: string, read: (xml: XmlReader) => T): T[] {
  const items: T[] = [];
  for (let name = xml.child(list); name !== null; name = xml.child(list)) {
    if (name !== 'item') throw new UnusualXml();
    items.push(read(xml));
  }
  return items;
}

function reservation(xml: XmlReader): Instance[] {
  let instances: Instance[] | null = null;
  for (let name = xml.child('item'); name !== null; name = xml.child('item')) {
    if (name === 'instancesSet') instances = listOf(xml, name, instance);
    else xml.skip();
  }
  if (instances === null) throw new UnusualXml();
  return instances;
}

function instance(xml: XmlReader): Instance {
  const described: Instance = {};
  for (let name = xml.child('item'); name !== null; name = xml.child('item')) {
    switch (name) {
      case 'instanceId':
        described.InstanceId = copyOf(xml.text());
        break;
      case 'instanceState':
        described.State = { Name: xml.textOf(name, 'name') as InstanceStateName | undefined };
        break;
      case 'launchTime':
        described.LaunchTime = time(xml.text());
        break;
      case 'placement':
        described.Placement = { AvailabilityZone: xml.textOf(name, 'availabilityZone') };
        break;
      case 'vpcId':
        described.VpcId = copyOf(xml.text());
        break;
      case 'privateIpAddress':
        described.PrivateIpAddress = copyOf(xml.text());
        break;
      case 'tagSet':
        described.Tags = listOf(xml, name, tag).filter((each) => each !== null);
        break;
      case 'networkInterfaceSet':
        described.NetworkInterfaces = listOf(xml, name, networkInterface);
        break;
      default:
        xml.skip();
    }
  }
  return described;
}

/** null: it is none of podtime's. People write anything into theirs, so these are not read. */
function tag(xml: XmlReader): Tag | null {
  let key = '';
  let rawValue: string | undefined;
  for (let name = xml.child('item'); name !== null; name = xml.child('item')) {
    if (name === 'key') key = xml.text();
    else if (name === 'value') rawValue = xml.raw();
    else xml.skip();
  }
  const Key = OWN_TAGS.find((own) => own === key);
  return Key === undefined ? null : { Key, Value: rawValue === undefined ? undefined : copyOf(textFrom(rawValue)) };
}

function networkInterface(xml: XmlReader): InstanceNetworkInterface {
  const card: InstanceNetworkInterface = {};
  for (let name = xml.child('item'); name !== null; name = xml.child('item')) {
    if (name === 'attachment') card.Attachment = { DeviceIndex: whole(xml.textOf(name, 'deviceIndex')) };
    else if (name === 'ipv6AddressesSet')
      card.Ipv6Addresses = listOf(xml, name, () => ({ Ipv6Address: xml.textOf('item', 'ipv6Address') }));
    else xml.skip();
  }
  return card;
}

function time(text: string): Date {
  const read = TIME.test(text) ? new Date(text) : null;
  if (read === null || Number.isNaN(read.getTime())) throw new UnusualXml();
  return read;
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/;

function whole(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new UnusualXml();
  return Number(text);
}
