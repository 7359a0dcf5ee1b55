/** One fault of the fleet file. */
export interface FleetFault {
  /** 1-based. */
  line: number;
  sentence: string;
}

/** The fleet file cannot be used. The message lists every fault found, one a line, each `FILE:LINE: sentence`. */
export class FleetFileError extends Error {
  override readonly name = 'FleetFileError';

  constructor(
    readonly file: string,
    readonly faults: FleetFault[],
    /** What the file says, as far as it is YAML: for what else is to be told of it. */
    readonly written: unknown = null,
  ) {
    super(faults.map(({ line, sentence }) => `${file}:${line}: ${sentence}`).join('\n'));
  }
}
