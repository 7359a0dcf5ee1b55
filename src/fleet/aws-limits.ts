/** InstanceIds of one SendCommand (SSM API reference). */
export const IDS_PER_COMMAND = 50;

/** ListCommands and ListCommandInvocations answer at most so many a page (SSM API reference). */
export const ANSWERS_PER_PAGE = 50;

/** A multivalue name is answered with at most so many records, chosen by Route 53 (Route 53 developer guide). */
export const ANSWERS_PER_NAME = 8;

/** The least that SSM takes as TimeoutSeconds of SendCommand: how long one host's turn waits for its agent (SSM API reference). */
export const DELIVERY_TIMEOUT_SECONDS = 30;
