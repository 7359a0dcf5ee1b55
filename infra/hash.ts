import { createHash } from 'node:crypto';

/** Twelve hexadecimal digits that tell this content from any other. */
export function shortHash(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 12);
}
