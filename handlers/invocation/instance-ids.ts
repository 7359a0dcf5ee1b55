import { IDS_PER_COMMAND } from '../../src/fleet/aws-limits.ts';
import { INSTANCE_ID } from '../../src/fleet/fleet.ts';
import { list, optional, type Schema } from '../../src/fleet/json-schema.ts';
import { must } from './payload.ts';

export const ID: Schema<string> = must('an instance id (i- and 8 or 17 hexadecimal digits)', {
  type: 'string',
  pattern: INSTANCE_ID.source,
});

/** As many as one command takes; or left out. */
export const IDS = optional(
  must(`a list of 1 to ${IDS_PER_COMMAND} instance ids`, { ...list(ID), minItems: 1, maxItems: IDS_PER_COMMAND }),
);
