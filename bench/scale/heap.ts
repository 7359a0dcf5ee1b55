/** Flags of Node by which its heap is limited as Lambda's runtime limits it (assumed: AWS does not document it). */
export const heapFlags = (megabytes: number): string[] => [
  `--max-old-space-size=${Math.floor(megabytes * 0.9)}`,
  `--max-semi-space-size=${Math.floor(megabytes * 0.05)}`,
];
