import { describe, expect, it } from '@jest/globals';
import packet from 'dns-packet';
import fc from 'fast-check';
import { createAuthority } from '../../src/dns/authority.ts';
import { answerMessage } from '../../src/dns/message.ts';
import { multivalue, zoneOf } from './zone.ts';

/** Eight answers under it are longer than what UDP carries unasked. */
const LONG = `${'a'.repeat(63)}.${'b'.repeat(63)}.pod`;
const addresses = Array.from({ length: 12 }, (_, at) => `2001:db8:20::${(at + 1).toString(16)}`);
const authority = createAuthority(() => [
  zoneOf('pod', [...multivalue('ntp.az-a.pod', '10.20.1.10'), ...multivalue(LONG, ...addresses)]),
]);

const question = (name: string, type: packet.RecordType, options: Partial<packet.Packet> = {}) =>
  packet.encode({ type: 'query', id: 4711, flags: packet.RECURSION_DESIRED, questions: [{ name, type }], ...options });
const option = (udpPayloadSize: number, ednsVersion = 0): packet.OptAnswer =>
  ({
    type: 'OPT',
    name: '.',
    udpPayloadSize,
    extendedRcode: 0,
    ednsVersion,
    flags: 0,
    flag_do: false,
    options: [],
  }) as const;

function ask(message: Buffer, transport: 'udp' | 'tcp' = 'udp') {
  const answer = answerMessage(message, transport, authority);
  if (answer === null) return null;
  const { id, rcode, flag_tc, answers = [] } = packet.decode(answer) as packet.DecodedPacket & { rcode: string };
  return { id, rcode, cut: flag_tc, answers: answers.length, bytes: answer.length };
}

describe('a message', () => {
  it('too long for UDP is cut whole, so that it comes again over TCP', () => {
    expect(ask(question(LONG, 'AAAA'))).toMatchObject({ cut: true, answers: 0, rcode: 'NOERROR' });
    expect(ask(question(LONG, 'AAAA'), 'tcp')).toMatchObject({ cut: false, answers: 8 });
    // who says how much it takes is given as much, to a limit
    expect(ask(question(LONG, 'AAAA', { additionals: [option(1000)] }))).toMatchObject({ cut: true, answers: 0 });
    expect(ask(question(LONG, 'AAAA', { additionals: [option(65_000)] }))?.bytes).toBeLessThanOrEqual(1232);
    expect(ask(question('ntp.az-a.pod', 'A', { additionals: [option(100)] }))).toMatchObject({
      cut: false,
      answers: 1,
    });
  });

  it('that is no question of ours is told so', () => {
    expect(ask(question('ntp.az-a.pod', 'A', { flags: 0x2000 }))).toMatchObject({ id: 4711, rcode: 'NOTIMP' });
    const two = [question, question].map(() => ({ name: 'pod', type: 'A' as const }));
    expect(ask(question('', 'A', { questions: two }))).toMatchObject({ id: 4711, rcode: 'FORMERR' });
    expect(ask(question('', 'A', { questions: [] }))).toMatchObject({ id: 4711, rcode: 'FORMERR' });
    expect(ask(question('', 'A', { questions: [{ name: 'version.bind', type: 'TXT', class: 'CH' }] }))).toMatchObject({
      rcode: 'REFUSED',
    });
    const newer = answerMessage(question('pod', 'SOA', { additionals: [option(1232, 1)] }), 'udp', authority) as Buffer;
    const [told] = packet.decode(newer).additionals ?? [];
    expect(told).toMatchObject({ type: 'OPT', extendedRcode: 1 });
  });

  it('whose name would not come back as it was is refused as ill-formed', () => {
    const dotted = question('axb.pod', 'A');
    dotted[14] = '.'.charCodeAt(0);
    expect(ask(dotted)).toMatchObject({ rcode: 'FORMERR' });
    const bytes = question('axb.pod', 'A');
    bytes[14] = 0xff;
    expect(ask(bytes)).toMatchObject({ rcode: 'FORMERR' });
  });

  it('of any bytes is answered with its own number or not at all, and never throws', () => {
    const sound = question('ntp.az-a.pod', 'A', { additionals: [option(1232)] });
    const spoilt = fc
      .array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { maxLength: 6 })
      .chain((changes) => fc.nat(sound.length).map((length) => ({ changes, length })))
      .map(({ changes, length }) => {
        const message = Buffer.from(sound);
        for (const [at, byte] of changes) message[at] = byte;
        return message.subarray(0, length);
      });
    const any = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes));
    let answered = 0;
    fc.assert(
      fc.property(fc.oneof(spoilt, any), fc.constantFrom('udp' as const, 'tcp' as const), (message, transport) => {
        const answer = answerMessage(message, transport, authority);
        if (message.length < 12 || (message.readUInt8(2) & 0x80) !== 0) {
          expect(answer).toBeNull();
          return;
        }
        answered += 1;
        expect(answer?.readUInt16BE(0)).toBe(message.readUInt16BE(0));
        packet.decode(answer as Buffer);
      }),
      { numRuns: 2000 },
    );
    expect(answered).toBeGreaterThan(100);
  });
});
