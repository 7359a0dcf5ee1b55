import { POD, strict } from './payload.ts';

/** `sls invoke -f status -d …` */
export const STATUS = strict({ pod: POD });
