/** What podtime may do in a pod; SSM parameter `/podtime/STAGE/POD/mode`. Unreadable = `observe`. */
export const MODES = ['observe', 'act', 'hold'] as const;

export type Mode = (typeof MODES)[number];
