import { devNull } from 'node:os';

/** With these an SDK asks no settings file and no instance metadata. */
const NO_SETTINGS = {
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
  AWS_EC2_METADATA_DISABLED: 'true',
};

/**
 * The environment without the operator's AWS settings, whatever they are called: a profile wins over static keys, and an
 * endpoint of one service over the endpoint of all, so that one of them left over leads to the real AWS.
 */
export function withoutAwsSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const others = Object.entries(environment).filter(([name]) => !name.toUpperCase().startsWith('AWS_'));
  return { ...Object.fromEntries(others), ...NO_SETTINGS };
}

/** What the product's processes get: AWS is the local endpoint, for which any keys will do. */
export function productEnvironment(
  environment: NodeJS.ProcessEnv,
  { awsUrl, region }: { awsUrl: string; region: string },
): NodeJS.ProcessEnv {
  return {
    ...withoutAwsSettings(environment),
    AWS_ENDPOINT_URL: awsUrl,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    NO_COLOR: '1',
  };
}
