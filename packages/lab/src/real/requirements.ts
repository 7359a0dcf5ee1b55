import { spawnSync } from 'node:child_process';
import { findProgram } from './installations.ts';

/** The machine as the check sees it; tests give another. */
export interface Surroundings {
  platform: NodeJS.Platform;
  userId: number | undefined;
  has(program: string): boolean;
  /** Tries namespaces with a cable between them; null, or why they cannot be made. */
  tryNamespaces(): string | null;
}

/** Debian's package of each program. */
const PACKAGES: Record<string, string> = {
  ip: 'iproute2',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  setsid: 'util-linux',
  mount: 'mount',
  hostname: 'hostname',
  curl: 'curl',
  ntpd: 'ntpsec',
  ntpq: 'ntpsec',
};
/** These conflict with ntpsec's package, so that apt cannot install both. */
const UNPACKED = ['chronyd', 'chronyc'];

const TRIAL =
  'ip link add name veth0 type veth peer name veth1 && ip link add name bridge0 type bridge && mount -t tmpfs none /tmp';

export const THIS_MACHINE: Surroundings = {
  platform: process.platform,
  userId: process.getuid?.(),
  has: (program) => findProgram(program) !== null,
  tryNamespaces() {
    const flags = ['--net', '--mount', '--pid', '--uts', '--ipc', '--fork', '--kill-child', '--mount-proc'];
    const tried = spawnSync('unshare', [...flags, 'sh', '-c', TRIAL], { encoding: 'utf8', timeout: 10_000 });
    if (tried.status === 0) return null;
    return tried.stderr?.trim() || tried.error?.message || `unshare ended with ${tried.status}`;
  },
};

/** Why real hosts cannot run here: one sentence for each thing that is missing, with what mends it. None: they can. */
export function whyNoRealHosts(machine: Surroundings = THIS_MACHINE): string[] {
  if (machine.platform !== 'linux') {
    return [
      `Real hosts live in network namespaces, which only Linux has; this is ${machine.platform}. Without --real the hosts are simulated, on any system.`,
    ];
  }
  if (machine.userId !== 0) {
    return ['Real hosts need root, which makes their network namespaces: sudo npm start -- --real'];
  }
  const packages = new Map<string, string[]>();
  for (const [program, name] of Object.entries(PACKAGES)) {
    if (!machine.has(program)) packages.set(name, [...(packages.get(name) ?? []), program]);
  }
  const missing = [...packages].map(
    ([name, programs]) => `There is no ${programs.join(', no ')}. Install it: apt-get install ${name}`,
  );
  const unpacked = UNPACKED.filter((program) => !machine.has(program));
  if (unpacked.length > 0) {
    missing.push(
      `There is no ${unpacked.join(', no ')}. apt cannot install chrony beside ntpsec; this unpacks it: scripts/install-test-tools.sh`,
    );
  }
  if (missing.length > 0) return missing;
  const refused = machine.tryNamespaces();
  return refused === null
    ? []
    : [`Namespaces cannot be made here (in a container it must be privileged: docker run --privileged): ${refused}`];
}
