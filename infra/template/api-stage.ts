import type { Resource } from './cloudformation.ts';
import type { MethodSetting } from './throttles.ts';

/** The API's stage: what is deployed under its name, and how often each method may be called. Decision 0029. */
export function apiStage(stage: string, deploymentId: string, MethodSettings: MethodSetting[]): Resource {
  return {
    Type: 'AWS::ApiGateway::Stage',
    Properties: {
      RestApiId: { Ref: 'ApiGatewayRestApi' },
      DeploymentId: { Ref: deploymentId },
      StageName: stage,
      MethodSettings,
    },
  };
}
