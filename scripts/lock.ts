/** One entry of package-lock.json's `packages`, as far as this matters here. */
export interface LockEntry {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  resolved?: string;
  /** Subresource integrity of the package's archive: `sha512-…`. */
  integrity?: string;
  /** Of a workspace: `resolved` is its folder, which has an entry of its own. */
  link?: boolean;
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

/** Only such a version can be compared, and added, without asking a registry what a range means. */
const EXACT_VERSION = /^\d+\.\d+\.\d+(-[\w.-]+)?$/;

/** The version that Node's own search finds: in the parent's node_modules, then in each one above it. null: none. */
function resolvedVersion(lock: Lock, parent: string, name: string): string | null {
  for (let folder = parent; ; ) {
    const found = lock.packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`];
    const entry = found?.link ? lock.packages[found.resolved ?? ''] : found;
    if (entry !== undefined) return entry.version ?? '';
    if (folder === '') return null;
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1));
  }
}

/** A range is satisfied by whatever npm put there; an exact version by itself alone. */
function resolves(lock: Lock, { parent, name, version }: MissingOptional): boolean {
  const found = resolvedVersion(lock, parent, name);
  return found !== null && (found === version || !EXACT_VERSION.test(version));
}

/**
 * The optional dependencies that some package of the lock names and the lock has no entry for, or only one of another
 * version. `npm ci` refuses such a lock, and on the platforms they are for npm would not install them.
 */
export function missingOptionals(lock: Lock): MissingOptional[] {
  return Object.entries(lock.packages).flatMap(([parent, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .map(([name, version]) => ({ parent, name, version }))
      .filter((optional) => !resolves(lock, optional)),
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

/**
 * The lock with an entry for each missing optional dependency, entries in npm's order. The lock given is left alone. An entry
 * goes to the top, where all find it, or beneath the package that names it where another version would be found first.
 * Throws for a range, and for a version that package.json itself cannot have beside another.
 * Decision 0002.
 */
export function completeLock(lock: Lock): Lock {
  const packages = { ...lock.packages };
  for (const optional of missingOptionals(lock)) {
    const { parent, name, version } = optional;
    if (!EXACT_VERSION.test(version)) {
      throw new Error(`${parent} names ${name} as ${version}: only an exact version can be added unseen`);
    }
    const completed = { ...lock, packages };
    if (resolves(completed, optional)) continue;
    const other = resolvedVersion(completed, parent, name);
    if (other !== null && !parent.includes('node_modules/')) {
      throw new Error(
        `${parent === '' ? 'package.json' : parent} names ${name} as ${version}, and the lock has ${other}`,
      );
    }
    const dev = lock.packages[parent]?.dev === true ? { dev: true } : {};
    const path = `${other === null ? '' : `${parent}/`}node_modules/${name}`;
    packages[path] = { version, ...dev, optional: true, ...platformOf(name) };
  }
  const ordered = Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  return { ...lock, packages: Object.fromEntries(ordered) };
}

/** Entries of packages from a registry that name no hash of their archive: whatever a registry gave would be installed. */
export function withoutIntegrity(lock: Lock): { path: string; name: string; version: string }[] {
  return Object.entries(lock.packages).flatMap(([path, { version, link, integrity }]) => {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const isFromRegistry = path.includes('node_modules/') && link !== true && version !== undefined;
    return isFromRegistry && integrity === undefined ? [{ path, name, version }] : [];
  });
}

/** The lock with these hashes (path -> integrity), each after its version as npm writes it. The lock given is left alone. */
export function withIntegrity(lock: Lock, integrityOf: ReadonlyMap<string, string>): Lock {
  const packages = Object.entries(lock.packages).map(([path, { version, ...rest }]) => {
    const integrity = integrityOf.get(path);
    if (integrity === undefined) return [path, lock.packages[path] as LockEntry] as const;
    return [path, { version, integrity, ...rest } as LockEntry] as const;
  });
  return { ...lock, packages: Object.fromEntries(packages) };
}
