import type { AwsResponse, InterceptedCall } from '@podtime/aws-endpoint';

/** One logical call of a function: attempts of the SDK are one call. */
export interface Call {
  /** `ssm:SendCommand` */
  operation: string;
  /** The how manieth of this operation in its run, from 1. */
  nth: number;
  /** From 1. */
  attempt: number;
}

/** Stands between a function's call and its answer. null: it has answered by `outgoing`, or nobody does. */
export type Between = (call: Call, intercepted: InterceptedCall) => Promise<AwsResponse | null>;
