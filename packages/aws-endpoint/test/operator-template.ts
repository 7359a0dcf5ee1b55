import { readStack, type Stack } from '../src/stack.ts';

/** What a small application deploys: two functions, a rule, a dashboard, parameters and two buckets. */
const TEMPLATE = {
  Resources: {
    WatchRole: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'app-watch-role' } },
    Watch: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: 'app-prod-watch',
        Description: 'Looks every minute',
        Runtime: 'nodejs22.x',
        Handler: 'watch.handler',
        Role: { 'Fn::GetAtt': ['WatchRole', 'Arn'] },
        Timeout: 60,
        MemorySize: 512,
        Architectures: ['arm64'],
        Environment: { Variables: { STAGE: 'prod', TABLE: { 'Fn::ImportValue': 'elsewhere' } } },
      },
    },
    Report: {
      Type: 'AWS::Lambda::Function',
      Properties: { FunctionName: 'app-prod-report', Handler: 'report.handler' },
    },
    Started: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: 'app-started',
        EventPattern: { source: ['aws.ec2'] },
        Targets: [{ Id: 'watch', Arn: { 'Fn::GetAtt': ['Watch', 'Arn'] } }],
      },
    },
    Nightly: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: 'app-nightly',
        State: 'DISABLED',
        ScheduleExpression: 'rate(1 day)',
        Targets: [{ Id: 'watch', Arn: { 'Fn::GetAtt': ['Watch', 'Arn'] } }],
      },
    },
    Board: {
      Type: 'AWS::CloudWatch::Dashboard',
      Properties: {
        DashboardName: 'app',
        DashboardBody: { 'Fn::Join': ['', ['{"region":"', { Ref: 'AWS::Region' }, '"}']] },
      },
    },
    Mode: { Type: 'AWS::SSM::Parameter', Properties: { Name: '/app/prod/mode', Type: 'String', Value: 'act' } },
    Deep: { Type: 'AWS::SSM::Parameter', Properties: { Name: '/app/prod/blue/mode', Type: 'String', Value: 'hold' } },
    Other: { Type: 'AWS::SSM::Parameter', Properties: { Name: '/apple/mode', Type: 'String', Value: 'x' } },
    Reports: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'reports' } },
    Archive: {
      Type: 'AWS::S3::Bucket',
      Properties: {
        BucketName: 'archive',
        ObjectLockEnabled: true,
        ObjectLockConfiguration: {
          ObjectLockEnabled: 'Enabled',
          Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 30 } },
        },
      },
    },
  },
};

export const OPERATOR_STACK: Stack = readStack(TEMPLATE, {
  region: 'us-west-2',
  accountId: '123456789012',
  stackName: 'app',
});
