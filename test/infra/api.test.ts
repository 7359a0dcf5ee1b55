import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Package, packagedForProduction } from '../builders/packaged-service.ts';

// The API that `npx sls deploy --stage prod` would create, and how a pod's hosts reach it, on the template that it would send.

let prod: Package;

beforeAll(async () => {
  prod = await packagedForProduction();
});

const properties = (type: string) => prod.ofType(type).map(([, each]) => each);

describe('the API', () => {
  it('is PRIVATE, reached by the endpoints of the pods, those that are there and those that it makes', () => {
    expect(prod.properties('ApiGatewayRestApi').EndpointConfiguration).toEqual({
      Types: ['PRIVATE'],
      VpcEndpointIds: ['vpce-0b0b0b0b0b0b0b0b0', { Ref: 'EndpointYellowDash2' }].toSorted(byPod),
    });
  });

  it('compresses large answers itself, and no served file: its ETag is of the bytes that the function gave', () => {
    const { MinimumCompressionSize, BinaryMediaTypes } = prod.properties('ApiGatewayRestApi');
    expect([MinimumCompressionSize, BinaryMediaTypes]).toEqual([65_536, undefined]);
  });

  it("admits a pod's VPC to that pod's paths, operators' VPCs to all, and nobody else to anything, nor to single hosts", () => {
    const { Statement } = prod.properties('ApiGatewayRestApi').Policy as {
      Statement: { Effect: string; Principal: unknown; Resource: string | string[]; Condition: unknown }[];
    };
    const paths = (pod: string) => ['GET', 'HEAD', 'POST'].map((method) => `execute-api:/prod/${method}/${pod}/*`);
    const admit = (vpc: string | string[], resource: string | string[]) => ({
      Effect: 'Allow',
      Principal: '*',
      Action: ['execute-api:Invoke'],
      Resource: resource,
      Condition: { StringEquals: { 'aws:SourceVpc': vpc } },
    });
    expect(Statement.toSorted(byResource)).toEqual(
      [
        admit('vpc-0c0c0c0c0c0c0c0c0', paths('yellow-2')),
        admit('vpc-0b0b0b0b0b0b0b0b0', paths('blue')),
        admit(['vpc-0a0a0a0a0a0a0a0a0'], 'execute-api:/prod/*'),
        {
          Effect: 'Deny',
          Principal: '*',
          Action: ['execute-api:Invoke'],
          Resource: ['execute-api:/prod/GET/*/hosts/*', 'execute-api:/prod/HEAD/*/hosts/*'],
          Condition: { StringNotEquals: { 'aws:SourceVpc': ['vpc-0a0a0a0a0a0a0a0a0'] } },
        },
      ].toSorted(byResource),
    );
  });

  it('answers unknown routes by 404, and all that the gateway says itself as problem+json', () => {
    const responses = properties('AWS::ApiGateway::GatewayResponse');
    const types = responses.map(({ ResponseType, StatusCode }) => [ResponseType, StatusCode]);
    expect(types).toEqual([
      ['MISSING_AUTHENTICATION_TOKEN', '404'],
      ['ACCESS_DENIED', '403'],
      ['THROTTLED', '429'],
      ['INTEGRATION_TIMEOUT', '504'],
      // every other one
      ['DEFAULT_4XX', undefined],
      ['DEFAULT_5XX', undefined],
    ]);
    for (const { ResponseParameters } of responses) {
      expect(ResponseParameters).toMatchObject({
        'gatewayresponse.header.Content-Type': "'application/problem+json'",
      });
    }
  });

  it('throttles every path, by what it costs, at a stage that stands for the newest deployment', () => {
    const [deployment] = prod.ofType('AWS::ApiGateway::Deployment').map(([id]) => id);
    const throttle = (ResourcePath: string, HttpMethod: string, rate: number, burst: number) => ({
      ResourcePath,
      HttpMethod,
      ThrottlingRateLimit: rate,
      ThrottlingBurstLimit: burst,
    });
    expect(properties('AWS::ApiGateway::Stage')).toEqual([
      {
        RestApiId: { Ref: 'ApiGatewayRestApi' },
        DeploymentId: { Ref: deployment },
        StageName: 'prod',
        // of two pods of a thousand hosts
        MethodSettings: [
          throttle('/*', '*', 2, 10),
          throttle('/~1{pod}~1{tier}~1{az}~1{file}', 'GET', 14, 140),
          throttle('/~1{pod}~1{tier}~1{az}~1{file}', 'HEAD', 2, 10),
          throttle('/~1{pod}~1register', 'POST', 1, 5),
          throttle('/~1{pod}~1status.json', 'GET', 2, 10),
          throttle('/~1{pod}~1status.json', 'HEAD', 2, 10),
          ...['/~1{pod}~1status', '/~1{pod}~1hosts~1{id}', '/~1', '/~1metrics'].flatMap((path) => [
            throttle(path, 'GET', 2, 10),
            throttle(path, 'HEAD', 2, 10),
          ]),
        ],
      },
    ]);
    expect(prod.properties(String(deployment))).not.toHaveProperty('StageName');
  });

  it("tells each pod's base URL", () => {
    const { Outputs } = JSON.parse(prod.file('cloudformation-template-update-stack.json').toString());
    const urlBy = (endpoint: unknown) => ({
      'Fn::Join': [
        '',
        [
          'https://',
          { Ref: 'ApiGatewayRestApi' },
          '-',
          endpoint,
          '.execute-api.',
          { Ref: 'AWS::Region' },
          '.',
          { Ref: 'AWS::URLSuffix' },
          '/prod',
        ],
      ],
    });
    expect(Outputs.ApiUrlBlue.Value).toEqual(urlBy('vpce-0b0b0b0b0b0b0b0b0'));
    expect(Outputs.ApiUrlYellowDash2.Value).toEqual(urlBy({ Ref: 'EndpointYellowDash2' }));
  });
});

describe('the endpoint that a pod asked for', () => {
  it("is an execute-api endpoint in the pod's VPC and subnets, which answers for no other API", () => {
    expect(prod.ofType('AWS::EC2::VPCEndpoint')).toEqual([
      [
        'EndpointYellowDash2',
        {
          VpcEndpointType: 'Interface',
          ServiceName: { 'Fn::Join': ['.', ['com.amazonaws', { Ref: 'AWS::Region' }, 'execute-api']] },
          VpcId: 'vpc-0c0c0c0c0c0c0c0c0',
          SubnetIds: ['subnet-0c0c0c0c0c0c0c0c0', 'subnet-0d0d0d0d0d0d0d0d0'],
          SecurityGroupIds: [{ 'Fn::GetAtt': ['EndpointGroupYellowDash2', 'GroupId'] }],
          PrivateDnsEnabled: false,
          Tags: [{ Key: 'Name', Value: 'podtime-prod-yellow-2' }],
        },
      ],
    ]);
  });

  it('lets in HTTPS from the pod alone, and begins no connection', () => {
    expect(prod.properties('EndpointGroupYellowDash2')).toMatchObject({
      VpcId: 'vpc-0c0c0c0c0c0c0c0c0',
      SecurityGroupIngress: [
        { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '10.30.0.0/16' },
        { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIpv6: '2001:db8:30::/56' },
      ],
      SecurityGroupEgress: [{ IpProtocol: '-1', CidrIp: '127.0.0.1/32' }],
    });
  });
});

function byPod(a: unknown, b: unknown): number {
  return typeof a === typeof b ? 0 : typeof a === 'object' ? -1 : 1;
}

function byResource(a: { Resource: unknown }, b: { Resource: unknown }): number {
  return JSON.stringify(a.Resource) < JSON.stringify(b.Resource) ? -1 : 1;
}
