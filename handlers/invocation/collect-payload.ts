import { IDS } from './instance-ids.ts';
import { POD, strict } from './payload.ts';

/** `sls invoke -f collect -d …` */
export const COLLECT = strict({ pod: POD, instanceIds: IDS });
