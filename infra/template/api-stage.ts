import type { Resource } from './cloudformation.ts';

/**
 * `register` reads EC2 and reads and changes Route 53, which takes five requests a second from an account, whoever asks. A
 * pod's servers call it once at boot, and the watchdog finds whom it missed, so two a second are plenty.
 */
const REGISTER_RATE_PER_SECOND = 2;
const REGISTER_BURST = 10;

/** The API's stage: what is deployed under its name, and how often each method may be called. Decision 0029. */
export function apiStage(stage: string, deploymentId: string): Resource {
  return {
    Type: 'AWS::ApiGateway::Stage',
    Properties: {
      RestApiId: { Ref: 'ApiGatewayRestApi' },
      DeploymentId: { Ref: deploymentId },
      StageName: stage,
      MethodSettings: [
        {
          // slashes of the path go as ~1 (CloudFormation, AWS::ApiGateway::Stage MethodSetting)
          ResourcePath: '/~1{pod}~1register',
          HttpMethod: 'POST',
          ThrottlingRateLimit: REGISTER_RATE_PER_SECOND,
          ThrottlingBurstLimit: REGISTER_BURST,
        },
      ],
    },
  };
}
