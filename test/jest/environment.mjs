import { TestEnvironment } from 'jest-environment-node';

// A worker whose Jest was killed would go on with its tests, and so would all that they started.
process.once('disconnect', () => process.exit(1));

export default TestEnvironment;
