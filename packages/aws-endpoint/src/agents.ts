/** What SSM's agent on one host does for the endpoint: the seam to simulated hosts and to real ones. */
export interface Agent {
  instanceId: string;
  /** false: the command is never picked up (DeliveryTimedOut in the end). */
  online: boolean;
  /** Absent: Linux. A document made for another platform ends as InvalidPlatform. */
  platform?: 'Linux' | 'Windows' | 'MacOS';
  /** Of the agent itself; absent: 3.3.1611.0. */
  version?: string;
  /**
   * Real milliseconds that a run may take beyond `timeoutSeconds`, where scripts are not sped up as time is; absent: none.
   */
  graceRealMs?: number;
  /**
   * Runs the script as SSM's agent would (sh), ends it after `timeoutSeconds` (simulated). A rejection is an agent that
   * died over it: SSM hears nothing more until the command's timeout.
   */
  run(script: string, timeoutSeconds: number): Promise<AgentRun>;
}

export interface AgentRun {
  exitCode: number;
  stdout: string;
  stderr: string;
  timedOut: boolean;
}

/** Agents by instance id; whoever owns it may add and remove while the endpoint runs. An instance without one is not managed by SSM. */
export type Agents = ReadonlyMap<string, Agent>;
