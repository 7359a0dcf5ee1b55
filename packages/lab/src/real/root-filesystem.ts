import {
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { readScript } from '../scripts.ts';
import { type DaemonChoice, INSTALLATIONS, type Installation, OWN_TOOLS, programsOf } from './installations.ts';
import { NEWER_FOLDER, TESTING_FOLDER } from './newer-daemons.ts';

/** Of the machine's /etc, what programs need to run at all: dynamic loading, users, awk's alternatives, certificates. */
const SHARED_ETC = [
  ...['ld.so.cache', 'ld.so.conf', 'ld.so.conf.d', 'alternatives', 'passwd', 'group', 'services', 'protocols'],
  ...['localtime', 'debian_version', 'os-release', 'gai.conf', 'ssl'],
];
const DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];
const MERGED = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'];

/** A chrony host that is made to lie runs on this file while it is there. */
export const DRIFTING_PATH = '/run/podtime-drifting.conf';
const SERVICE_LOG = '/var/log/podtime-daemon.log';

export interface RootOptions {
  /** The folder that becomes the host's `/`. */
  root: string;
  daemon: DaemonChoice;
  hostName: string;
  nameservers: readonly string[];
  /** Its daemon steers a clock of its own. */
  isSteering?: boolean;
}

/**
 * Fills `root` as a fresh installation with one time daemon: own /etc, /run, /var, /tmp and /usr/sbin, the machine's /usr
 * read-only. Answers the commands that mount there what is the machine's. Nothing outside `root` is
 * written. @throws CommandError when a program is missing.
 */
export function createRootFilesystem({
  root,
  daemon,
  hostName,
  nameservers,
  isSteering = false,
}: RootOptions): string[] {
  const installation = INSTALLATIONS[daemon.kind];
  const at = (path: string) => join(root, path);
  const own = [
    '/etc/default',
    '/run',
    '/var/lib',
    '/var/log',
    '/var/tmp',
    '/root',
    '/proc',
    '/dev',
    '/usr',
    '/usr-sbin',
    '/usr-local',
  ];
  for (const folder of [...own, ...installation.folders]) mkdirSync(at(folder), { recursive: true });
  mkdirSync(at('/tmp'), { mode: 0o1777 });
  symlinkSync('../run', at('/var/run'));
  for (const name of SHARED_ETC) if (existsSync(`/etc/${name}`)) copyEtc(name, at(`/etc/${name}`));
  writeFileSync(at('/etc/hostname'), `${hostName}\n`);
  writeFileSync(at('/etc/hosts'), `127.0.0.1 localhost\n::1 localhost ip6-localhost\n127.0.1.1 ${hostName}\n`);
  writeFileSync(at('/etc/nsswitch.conf'), 'passwd: files\ngroup: files\nhosts: files dns\nservices: files\n');
  // one lost packet shall not cost a daemon its five seconds
  const lines = nameservers.map((address) => `nameserver ${address}\n`).join('');
  writeFileSync(at('/etc/resolv.conf'), `${lines}options timeout:1 attempts:3\n`);
  writeFileSync(at('/etc/default/podtime-service'), serviceSettings(installation, isSteering));
  const service = readScript('real/service.sh');
  for (const tool of installation.serviceTools) writeFileSync(at(`/usr-sbin/${tool}`), service, { mode: 0o755 });
  return [
    ...mountUsr(root),
    ...mountPrograms(root, daemon),
    ...mountDevices(root),
    `mount -t proc proc '${at('/proc')}'`,
  ];
}

/** What service.sh reads. */
function serviceSettings(installation: Installation, isSteering: boolean): string {
  const { services, command, steeringCommand = command, pidPath, configPath } = installation;
  const settings = {
    services: services.join(' '),
    command: isSteering ? steeringCommand : command,
    pid_path: pidPath,
    config_path: configPath,
    drifting_path: DRIFTING_PATH,
    log: SERVICE_LOG,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}='${value}'\n`)
    .join('');
}

function copyEtc(name: string, to: string): void {
  const from = join('/etc', name);
  if (lstatSync(from).isDirectory()) cpSync(from, to, { recursive: true, verbatimSymlinks: true });
  else copyFileSync(from, to);
}

/** Read-only: no script of a host can change the machine. /usr/sbin, where daemons and services live, is the host's own. */
function mountUsr(root: string): string[] {
  const lines = [bind('/usr', join(root, 'usr')), `mount -o remount,bind,ro '${root}/usr'`];
  for (const folder of MERGED) {
    if (!existsSync(`/${folder}`)) continue;
    if (lstatSync(`/${folder}`).isSymbolicLink()) symlinkSync(readlinkSync(`/${folder}`), join(root, folder));
    else {
      mkdirSync(join(root, folder));
      lines.push(bind(`/${folder}`, join(root, folder)));
    }
  }
  return lines;
}

/** The daemon and its query tool are the machine's own, or newer ones, and those of other daemons are not there. */
function mountPrograms(root: string, daemon: DaemonChoice): string[] {
  const lines = programsOf(daemon).map(([name, path]) => {
    const place = join(root, 'usr-sbin', name);
    writeFileSync(place, '', { mode: 0o755 });
    return bind(path, place);
  });
  lines.push(
    `mount --rbind '${root}/usr-sbin' '${root}/usr/sbin'`,
    bind(join(root, 'usr-local'), join(root, 'usr/local')),
  );
  for (const folder of foldersOf(daemon)) {
    mkdirSync(join(root, 'usr-local', relative('/usr/local', folder)), { recursive: true });
    lines.push(bind(folder, join(root, folder)), `mount -o remount,bind,ro '${join(root, folder)}'`);
  }
  // an unreadable device in a program's place is a program that cannot be found
  for (const tool of OWN_TOOLS) {
    if (!existsSync(`/usr/bin/${tool}`)) continue;
    const real = realpathSync(`/usr/bin/${tool}`);
    if (real.startsWith('/usr/')) lines.push(bind('/dev/null', join(root, real)));
  }
  return lines;
}

/** Where its programs and their libraries lie, if not with the system's. */
function foldersOf({ newer, newest = false }: DaemonChoice): string[] {
  if (newest) return [NEWER_FOLDER, TESTING_FOLDER];
  return newer ? [NEWER_FOLDER] : [];
}

function mountDevices(root: string): string[] {
  const dev = join(root, 'dev');
  return [
    `mount -t tmpfs -o mode=755,size=1m devices '${dev}'`,
    ...DEVICES.flatMap((name) => [`: >'${dev}/${name}'`, bind(`/dev/${name}`, join(dev, name))]),
    `ln -s /proc/self/fd '${dev}/fd'`,
    ...['stdin', 'stdout', 'stderr'].map((name, number) => `ln -s /proc/self/fd/${number} '${dev}/${name}'`),
  ];
}

function bind(from: string, to: string): string {
  return `mount --bind '${from}' '${to}'`;
}
