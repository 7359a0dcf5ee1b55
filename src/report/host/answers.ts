/** What one host printed when a document of podtime's ran there, as SSM lists it. */
export interface HostAnswer {
  commandId: string;
  /** Epoch ms. */
  requestedAtMs: number;
  /** SSM's StatusDetails without spaces. */
  status: string;
  /** What podtime wrote beside the command. */
  comment: string;
  /** As it came; null: there is none. */
  output: string | null;
}

/** Between two times, epoch ms; null: up to now. */
export interface Span {
  fromMs: number;
  toMs: number | null;
}

/** What hosts said before, as SSM keeps it for 30 days: nobody is asked anew. Decision 0138. */
export interface HostAnswers {
  /** To one of these commands, if it is one that collects; null: SSM lists no answer. */
  collected(commandIds: readonly string[], instanceId: string): Promise<HostAnswer | null>;
  /** To all commands that were to cycle it then, the newest first. */
  cycled(instanceId: string, span: Span): Promise<HostAnswer[]>;
}
