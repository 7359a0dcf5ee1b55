/** As much as is shown of what function status answers. */
export interface PodStatus {
  pod: string;
  sentences: string[];
  /** Whether the pod's time is good; missing where the payload was not taken. */
  level?: 'good' | 'attention' | 'bad' | 'unknown';
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
