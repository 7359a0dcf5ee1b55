import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A function of so much memory has one processor (Lambda developer guide, "Configure Lambda function memory"). */
const MEGABYTES_OF_A_PROCESSOR = 1769;
const PERIOD_US = 20_000;

/** Control groups, version 1 and 2: where they are, and how a quota is written. */
const CONTROLLERS = [
  {
    folder: '/sys/fs/cgroup/cpu',
    isThere: () => existsSync('/sys/fs/cgroup/cpu/cpu.cfs_quota_us'),
    quota: (us: number) => ({ 'cpu.cfs_period_us': `${PERIOD_US}`, 'cpu.cfs_quota_us': `${us}` }),
  },
  {
    folder: '/sys/fs/cgroup',
    isThere: () => controllersIn('/sys/fs/cgroup/cgroup.subtree_control').includes('cpu'),
    quota: (us: number) => ({ 'cpu.max': `${us} ${PERIOD_US}` }),
  },
];

const controllersIn = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ') : []);

/** What share of a processor Lambda gives a function of so much memory; never more than one, as ticks have one thread. */
export const shareOf = (megabytes: number): number => Math.min(1, megabytes / MEGABYTES_OF_A_PROCESSOR);

/** Holds a process to a share of a processor as Lambda does, by the kernel's quota. */
export class ProcessorShare {
  private constructor(private readonly folder: string) {}

  /** null: this machine has no control groups that this user may write to. */
  static hold(pid: number, share: number): ProcessorShare | null {
    const controller = CONTROLLERS.find(({ isThere }) => isThere());
    if (!controller) return null;
    const folder = join(controller.folder, `podtime-scale-${pid}`);
    try {
      mkdirSync(folder);
      const files = { ...controller.quota(Math.round(share * PERIOD_US)), 'cgroup.procs': String(pid) };
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
      return new ProcessorShare(folder);
    } catch (error) {
      if (existsSync(folder)) rmdirSync(folder);
      if (['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
      throw error;
    }
  }

  /** Once the process has ended. */
  remove(): void {
    rmdirSync(this.folder);
  }
}
