import { withoutAwsSettings } from '../../packages/lab/src/pod/environment.ts';

// Tests ask local endpoints with the product's clients, which read all AWS settings that they find.
const environment = withoutAwsSettings(process.env);
for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
Object.assign(process.env, environment);
