/** As much as is shown of what function status answers. */
export interface PodStatus {
  pod: string;
  sentences: string[];
  /** Whether the pod's time can be relied on; missing where podtime has no report that it can read. */
  time?: 'good' | 'in doubt' | 'not good';
  [detail: string]: unknown;
}

/** As much as is shown of what function history answers. */
export interface HistoryAnswer {
  sentences: string[];
  /** The payload was not taken. */
  refused?: true;
  /** Missing where one moment was asked for. */
  rows?: {
    at: string;
    state: string;
    offsetMs?: number;
    errorBoundMs?: number;
    systemPeer?: string;
    reach?: string;
    cycledAt?: string;
  }[];
}
