import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Who signs certificates: its own, and the name by which OpenSSL looks that up in a folder. */
export interface Authority {
  certificate: string;
  hash: string;
}

/** Makes hosts whose /etc/ssl/certs this is trust it, beside whom they trust: by GnuTLS's file (chrony), and by OpenSSL's folder (ntpsec). */
export function trustIn(folder: string, { certificate, hash }: Authority): void {
  mkdirSync(folder, { recursive: true });
  appendFileSync(join(folder, 'ca-certificates.crt'), certificate);
  writeFileSync(join(folder, `${hash}.0`), certificate);
}
