import { recordProcess } from '../../packages/lab/src/pod/leftovers.ts';

if (process.env.PODTIME_TEST_RUN !== undefined) recordProcess(process.env.PODTIME_TEST_RUN, process.pid);
