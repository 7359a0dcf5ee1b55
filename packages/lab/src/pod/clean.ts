import { cleanLeftovers } from './leftovers.ts';

/** What an `OwnedFolder`'s watcher becomes once its owner is gone. Usage: clean.ts FOLDER */
const [folder] = process.argv.slice(2);
await cleanLeftovers(folder);
