import type { Memory } from '../../src/plan/plan.ts';
import { noState } from '../../src/state/read.ts';
import { joinRemembered, type Remembered, splitRemembered } from '../../src/state/remembered.ts';
import { emptyHostMemory, emptyState, type HostMemory, type State } from '../../src/state/state.ts';
import { type LastState, type Memories, StateConflict } from '../../src/watchdog/ports.ts';

/** The objects of one pod in memory: the state, written over the version that was read or not at all, and the memories that it names. */
export class MemoryBucket {
  private state: State;
  private version = 0;
  private readonly hosts = new Map<string, HostMemory>();

  constructor(private readonly pod: string) {
    this.state = emptyState(pod);
  }

  readonly states = {
    read: async (): Promise<LastState> => ({ ...noState(this.pod), state: this.state, etag: `${this.version}` }),
    write: async (state: State, etag: string | null): Promise<string> => {
      if (etag !== `${this.version}`) throw new StateConflict(this.pod, null);
      this.state = state;
      this.version += 1;
      return `${this.version}`;
    },
  };

  readonly memories: Memories = {
    read: async (_, key) => ({ hosts: this.hosts.get(key) ?? emptyHostMemory(this.pod), newer: false, fault: null }),
    write: async (hosts) => {
      const key = `${this.pod}/memory/${hosts.tickId}-${this.hosts.size}`;
      this.hosts.set(key, hosts);
      return key;
    },
  };

  remembered(): Remembered {
    const { memory } = this.state;
    return joinRemembered(this.state, (memory === null ? null : this.hosts.get(memory)) ?? emptyHostMemory(this.pod));
  }

  /** As a tick ends: nobody has the turn. */
  async store({ memory, ...changed }: { memory: Memory } & Pick<State, 'last' | 'dueAtMs'>): Promise<void> {
    const names = { pod: this.pod, tickId: changed.last?.tickId ?? '' };
    const { servers, waves, hosts } = splitRemembered({ memory, known: [] }, () => false, names);
    const state = { ...this.state, ...changed, claim: null, servers, waves, memory: await this.memories.write(hosts) };
    await this.states.write(state, `${this.version}`);
  }
}
