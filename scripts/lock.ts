/** One entry of package-lock.json's `packages`, as far as this matters here. */
export interface LockEntry {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  resolved?: string;
  optionalDependencies?: Record<string, string>;
  [other: string]: unknown;
}

export interface Lock {
  packages: Record<string, LockEntry>;
  [other: string]: unknown;
}

export interface MissingOptional {
  /** The lock path of the package that names it, `node_modules/@swc/core`. */
  parent: string;
  name: string;
  /** As the parent names it; an exact version for platform packages. */
  version: string;
}

const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const CPUS = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];

/** Node's own search: the parent's node_modules, then each one above it. */
function resolves(lock: Lock, parent: string, name: string): boolean {
  for (let folder = parent; ; ) {
    if (lock.packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`]) return true;
    if (folder === '') return false;
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1));
  }
}

/**
 * The optional dependencies that some package of the lock names and the lock has no entry for. `npm ci` refuses such a
 * lock, and on the platforms they are for npm would not install them.
 */
export function missingOptionals(lock: Lock): MissingOptional[] {
  return Object.entries(lock.packages).flatMap(([parent, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(([name]) => !resolves(lock, parent, name))
      .map(([name, version]) => ({ parent, name, version })),
  );
}

/**
 * What a platform package's name says of where it runs: `@swc/core-linux-x64-gnu` -> linux, x64, glibc.
 * Throws when the name says neither system nor processor, for then the entry would be installed everywhere.
 */
export function platformOf(name: string): Pick<LockEntry, 'os' | 'cpu' | 'libc'> {
  const words = name.split(/[@/-]/);
  const os = words.filter((word) => SYSTEMS.includes(word));
  const cpu = words.filter((word) => CPUS.includes(word));
  if (os.length === 0 || cpu.length === 0) throw new Error(`${name}: its name does not say for which platform it is`);
  const libc = words.some((word) => word.startsWith('musl'))
    ? { libc: ['musl'] }
    : os.includes('linux') && words.some((word) => word.startsWith('gnu'))
      ? { libc: ['glibc'] }
      : {};
  return { cpu, ...libc, os };
}

/** The lock with an entry for each missing optional dependency, entries in npm's order. The lock given is left alone. */
export function completeLock(lock: Lock): Lock {
  const added = missingOptionals(lock).map(({ parent, name, version }): [string, LockEntry] => {
    if (!/^\d+\.\d+\.\d+$/.test(version)) {
      throw new Error(`${parent} names ${name} as ${version}: only an exact version can be added unseen`);
    }
    const dev = lock.packages[parent]?.dev === true ? { dev: true } : {};
    return [`node_modules/${name}`, { version, ...dev, optional: true, ...platformOf(name) }];
  });
  const packages = Object.fromEntries(
    [...Object.entries(lock.packages), ...added].sort(([a], [b]) => a.localeCompare(b, 'en')),
  );
  return { ...lock, packages };
}
