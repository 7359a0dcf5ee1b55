import packet from 'dns-packet';
import type { NameServer, ResourceRecord } from './response.ts';

/** RFC 1035, 4.2.1: what UDP carries without EDNS. */
const PLAIN_UDP_BYTES = 512;
/** DNS flag day 2020: what passes everywhere without fragments. */
const EDNS_UDP_BYTES = 1232;
const HEADER_BYTES = 12;
const MAX_TCP_BYTES = 65_535;

const FLAG = {
  response: 0x8000,
  opcode: 0x7800,
  authoritative: 0x400,
  truncated: 0x200,
  wantsRecursion: 0x100,
  recursion: 0x80,
};
const RCODE = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 };
/** RFC 6891, 6.1.3: the upper bits of the code stand in the OPT record. */
const BADVERS_UPPER_BITS = 1;

/**
 * Answers one message; null for what deserves no answer: an answer itself, or less than a header. A message that cannot be
 * read is answered FORMERR, an answer too long for UDP is cut whole (TC), so that the question comes again over TCP.
 */
export function answerMessage(message: Buffer, transport: 'udp' | 'tcp', nameServer: NameServer): Buffer | null {
  if (message.length < HEADER_BYTES || (message.readUInt16BE(2) & FLAG.response) !== 0) return null;
  let query: packet.DecodedPacket;
  try {
    query = packet.decode(message);
  } catch {
    return headerOnly(message, RCODE.FORMERR);
  }
  if ((message.readUInt16BE(2) & FLAG.opcode) !== 0) return headerOnly(message, RCODE.NOTIMP);
  const [question, ...more] = query.questions ?? [];
  const options = (query.additionals ?? []).filter((record) => record.type === 'OPT');
  if (question === undefined || more.length > 0 || options.length > 1) return headerOnly(message, RCODE.FORMERR);
  const [option] = options;
  try {
    if (!writesAsRead(message, question)) return headerOnly(message, RCODE.FORMERR);
    return reply(message, question, option as packet.OptAnswer | undefined, transport, nameServer);
  } catch {
    // a name that cannot be written again: no zone has one
    return headerOnly(message, RCODE.SERVFAIL);
  }
}

/** A label with a dot in it, or with bytes that are no text, would be another name in the answer. */
function writesAsRead(message: Buffer, question: packet.Question): boolean {
  const encoded = packet.encode({ questions: [question] }).subarray(HEADER_BYTES);
  return message.subarray(HEADER_BYTES, HEADER_BYTES + encoded.length).equals(encoded);
}

function reply(
  message: Buffer,
  question: packet.Question,
  option: packet.OptAnswer | undefined,
  transport: 'udp' | 'tcp',
  nameServer: NameServer,
): Buffer {
  const versionTooNew = (option?.ednsVersion ?? 0) > 0;
  const response =
    versionTooNew || question.class !== 'IN'
      ? { rcode: versionTooNew ? 'NOERROR' : 'REFUSED', authoritative: false, answers: [], authority: [] }
      : nameServer.ask(question.name, question.type);
  const whole = {
    type: 'response' as const,
    id: message.readUInt16BE(0),
    flags:
      RCODE[response.rcode as keyof typeof RCODE] |
      (response.authoritative ? FLAG.authoritative : FLAG.recursion) |
      (message.readUInt16BE(2) & FLAG.wantsRecursion),
    questions: [question],
    answers: response.answers.map(written),
    authorities: response.authority.map(written),
    additionals: option ? [optionOf(versionTooNew)] : [],
  };
  const encoded = packet.encode(whole);
  const limit =
    transport === 'tcp'
      ? MAX_TCP_BYTES
      : option
        ? Math.min(EDNS_UDP_BYTES, Math.max(PLAIN_UDP_BYTES, option.udpPayloadSize))
        : PLAIN_UDP_BYTES;
  if (encoded.length <= limit) return encoded;
  return packet.encode({ ...whole, flags: whole.flags | FLAG.truncated, answers: [], authorities: [] });
}

function written(record: ResourceRecord): packet.Answer {
  return { ...record, class: 'IN' } as packet.Answer;
}

function optionOf(versionTooNew: boolean): packet.OptAnswer {
  return {
    type: 'OPT',
    name: '.',
    udpPayloadSize: EDNS_UDP_BYTES,
    extendedRcode: versionTooNew ? BADVERS_UPPER_BITS : 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
}

function headerOnly(message: Buffer, rcode: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(message.readUInt16BE(0), 0);
  const asked = message.readUInt16BE(2);
  header.writeUInt16BE(FLAG.response | (asked & FLAG.opcode) | (asked & FLAG.wantsRecursion) | rcode, 2);
  return header;
}
