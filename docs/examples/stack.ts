// podtime from a release, by CDK: `npm install aws-cdk-lib constructs`, and upload the archives first (README.md, step 1).
// `cdk deploy` uploads the template itself. It was synthesised, and never deployed to AWS.
import { App, Stack } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';

const release = process.env.PODTIME_RELEASE ?? 'podtime-0.1.0-prod-us-west-2';

// an account and region of its own: a stack is one of each, and so is a release
const stack = new Stack(new App(), 'podtime-prod', { env: { region: 'us-west-2' } });

new CfnInclude(stack, 'Podtime', {
  templateFile: `${release}/template.json`,
  parameters: {
    CodeBucket: process.env.PODTIME_BUCKET ?? 'my-bucket',
    CodePrefix: 'podtime/',
  },
});
