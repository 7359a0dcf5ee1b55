import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** EC on P-256, as public servers have. */
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

const CONFIGURATION = `[ca]
default_ca = authority
[authority]
database = index.txt
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
default_md = sha256
policy = any
copy_extensions = copy
rand_serial = yes
[any]
commonName = supplied
`;

/** A certificate authority of a folder's own, by openssl: certificates of any time. */
export class CertificateAuthority {
  /** Of its own certificate: the name by which OpenSSL looks it up in a folder. */
  readonly hash: string;

  constructor(private readonly folder: string) {
    writeFileSync(join(folder, 'index.txt'), '');
    writeFileSync(join(folder, 'ca.cnf'), CONFIGURATION);
    const subject = ['-subj', '/CN=podtime test CA', '-days', '2'];
    this.openssl('req', '-x509', ...KEY, '-keyout', 'ca.key', '-out', 'ca.pem', ...subject);
    this.hash = this.openssl('x509', '-hash', '-noout', '-in', 'ca.pem').trim();
  }

  get certificate(): string {
    return readFileSync(join(this.folder, 'ca.pem'), 'utf8');
  }

  /** Paths of a key and a certificate for a host name, valid from and until so many seconds from now. */
  issue(name: string, fromSeconds: number, untilSeconds: number): { key: string; certificate: string } {
    const [key, request, certificate] = ['key', 'csr', 'pem'].map((kind) => `${name}.${kind}`) as [
      string,
      string,
      string,
    ];
    const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
    this.openssl('req', ...KEY, '-keyout', key, '-out', request, ...subject);
    const dates = ['-startdate', written(fromSeconds), '-enddate', written(untilSeconds)];
    this.openssl('ca', '-batch', '-notext', '-config', 'ca.cnf', '-in', request, '-out', certificate, ...dates);
    return { key: join(this.folder, key), certificate: join(this.folder, certificate) };
  }

  private openssl(...args: string[]): string {
    return execFileSync('openssl', args, { cwd: this.folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }
}

/** As `openssl ca` takes a date: `20261129234111Z`. */
function written(secondsFromNow: number): string {
  return new Date(Date.now() + secondsFromNow * 1000).toISOString().replace(/\.\d+/, '').replaceAll(/[-:T]/g, '');
}
