import type { Clients } from '../src/testing/clients.ts';

/** Where the contract is held: the local endpoint, or an account of AWS. */
export interface Account extends Clients {
  /** The contract's own private zone, empty at first but for NS and SOA. */
  zone: { id: string; name: string };
  /** Letters and digits that name nothing else in the account. */
  mark: string;
  pause(ms: number): Promise<void>;
}

/** One sentence of the contract. `holds` throws when AWS does otherwise. */
export interface Clause {
  says: string;
  holds(account: Account): Promise<void>;
}
