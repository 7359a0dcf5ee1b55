import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readScript } from '../scripts.ts';
import { type Container, DaemonError } from './container.ts';
import { DRIFTING_PATH } from './root-filesystem.ts';

/** A server outside the pods that nobody in them administers: always chrony, which serves at once from its own clock. */
export interface ExternalServerSpec {
  /** The name it is resolved by; `time-service`. */
  name: string;
  addresses: readonly string[];
  stratum: number;
  /** It serves NTS by these files of the machine; absent: it has none. */
  nts?: Certificate | undefined;
}

/** Paths of a private key and of its certificate. */
export interface Certificate {
  key: string;
  certificate: string;
}

/** Of the second daemon, which keeps true time for a server that is made to lie. */
const TRUE_PORT = 1123;

/** Serves the machine's own clock, whatever that says, at the stratum. */
export function honestConfig(stratum: number): string {
  return ['# true time, as far as this machine has it', `local stratum ${stratum}`, ...SERVING].join('\n');
}

/** Of a server with NTS, by what `keepCertificate` put there. */
const NTS_PATHS: Certificate = { key: '/etc/chrony/nts.key', certificate: '/etc/chrony/nts.pem' };
const NTS_LINES = `ntsserverkey ${NTS_PATHS.key}\nntsservercert ${NTS_PATHS.certificate}\n`;

/** Puts a certificate where the server has its own; its daemon reads it when it starts. */
function keepCertificate(server: Container, { key, certificate }: Certificate): void {
  copyFileSync(key, join(server.root, NTS_PATHS.key));
  copyFileSync(certificate, join(server.root, NTS_PATHS.certificate));
}

/**
 * Serves time that is `aheadMs` off (negative: behind): it follows true time from a second daemon with an offset put on
 * each measurement. It never touches a clock (-x), so that what it corrects is only what it serves; to step it would have
 * to set the clock, so it slews, which without a clock takes no time.
 */
export function lyingConfig(stratum: number, aheadMs: number): string {
  return [`# ${aheadMs} ms off`, `${truth(aheadMs)} minstratum ${stratum - 1}`, ...SERVING].join('\n');
}

/** A chrony host's own file made to lie: it trusts its false source more than the majority of its others. */
export function driftingConfig(own: string, aheadMs: number): string {
  const sources = own.replaceAll(/^(makestep|# end)\b.*\n?/gm, '');
  return `${sources.trimEnd()}\n${truth(aheadMs)} minstratum 2 prefer trust\n`;
}

const truth = (aheadMs: number) =>
  `server 127.0.0.1 port ${TRUE_PORT} iburst minpoll -2 maxpoll -2 offset ${aheadMs / 1000}`;

const SERVING = ['allow 0/0', 'allow ::/0', 'bindcmdaddress 127.0.0.1', 'bindcmdaddress ::1', ''];

/** Starts the second daemon, when it does not run yet. */
async function keepTrueTime(server: Container): Promise<void> {
  const ran = await server.run(readScript('real/true-time.sh'), 60, [String(TRUE_PORT)]);
  if (ran.exitCode !== 0)
    throw new DaemonError(server.name, `no daemon keeps true time to be off from: ${ran.stderr.trim()}`);
}

/** From now on the server is so far ahead of true time; 0: it is right. @throws DaemonError */
export async function setServedTime(
  server: Container,
  { stratum, nts }: Pick<ExternalServerSpec, 'stratum' | 'nts'>,
  aheadMs: number,
): Promise<void> {
  const config = aheadMs === 0 ? honestConfig(stratum) : lyingConfig(stratum, aheadMs);
  if (nts) keepCertificate(server, nts);
  server.configure(nts ? `${config}${NTS_LINES}` : config);
  if (aheadMs !== 0) await keepTrueTime(server);
  await server.systemctl('restart');
}

/** The same for a host that runs chrony, whose file stays as it is. @throws DaemonError */
export async function setHostTime(host: Container, aheadMs: number): Promise<void> {
  const drifting = join(host.root, DRIFTING_PATH);
  if (aheadMs === 0) rmSync(drifting, { force: true });
  else {
    await keepTrueTime(host);
    writeFileSync(
      drifting,
      driftingConfig(readFileSync(join(host.root, host.installation.configPath), 'utf8'), aheadMs),
    );
  }
  await host.systemctl('restart');
}
