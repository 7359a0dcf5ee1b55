import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

const REFLECTED_CRC32C = 0x82f63b78;
/** Both halves of 0x9a6c9329ac4bc9b5, the reflected polynomial of CRC-64/NVME (NVM Express command set, "64b guard"). */
const REFLECTED_CRC64NVME = { high: 0x9a6c9329, low: 0xac4bc9b5 };

/** Base64 of each checksum that S3 verifies here (S3 user guide, "Checking object integrity"). */
const CHECKSUMS: Record<string, (body: Buffer) => string> = {
  crc32: (body) => base64Of(crc32(body)),
  crc32c: (body) => base64Of(crc32c(body)),
  crc64nvme: (body) => base64Of(...crc64nvme(body)),
  md5: (body) => createHash('md5').update(body).digest('base64'),
  sha1: (body) => createHash('sha1').update(body).digest('base64'),
  sha256: (body) => createHash('sha256').update(body).digest('base64'),
  sha512: (body) => createHash('sha512').update(body).digest('base64'),
};

/** What S3 computes where the client sent no checksum. */
export const OWN_CHECKSUM = 'crc64nvme';

/** `kind`: what follows `x-amz-checksum-` in the header. null: one that the endpoint cannot compute. */
export function checksumOf(kind: string, body: Buffer): string | null {
  return Object.hasOwn(CHECKSUMS, kind) ? (CHECKSUMS[kind]?.(body) ?? null) : null;
}

function base64Of(...words: number[]): string {
  const bytes = Buffer.alloc(4 * words.length);
  words.forEach((word, at) => {
    bytes.writeUInt32BE(word >>> 0, 4 * at);
  });
  return bytes.toString('base64');
}

const CRC32C_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ REFLECTED_CRC32C : crc >>> 1;
  return crc;
});

function crc32c(body: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of body) crc = (CRC32C_TABLE[(crc ^ byte) & 0xff] as number) ^ (crc >>> 8);
  return ~crc;
}

const CRC64NVME_TABLE = (() => {
  const [high, low] = [new Uint32Array(256), new Uint32Array(256)];
  for (let byte = 0; byte < 256; byte += 1) {
    let [upper, lower] = [0, byte];
    for (let bit = 0; bit < 8; bit += 1) {
      const odd = lower & 1;
      lower = (lower >>> 1) | ((upper & 1) << 31);
      upper >>>= 1;
      if (odd) [upper, lower] = [upper ^ REFLECTED_CRC64NVME.high, lower ^ REFLECTED_CRC64NVME.low];
    }
    high[byte] = upper;
    low[byte] = lower;
  }
  return { high, low };
})();

/** Its two halves: 64 bits are more than a number holds. */
function crc64nvme(body: Buffer): [high: number, low: number] {
  const table = CRC64NVME_TABLE;
  let [high, low] = [0xffffffff, 0xffffffff];
  for (const byte of body) {
    const at = (low ^ byte) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ (table.low[at] as number);
    high = (high >>> 8) ^ (table.high[at] as number);
  }
  return [~high, ~low];
}
