import type { Pod } from '../../src/fleet/fleet.ts';
import { logicalId, type Resource, type Resources } from './cloudformation.ts';

/** An endpoint's id: one of AWS, or of this very stack. */
export type EndpointRef = string | { Ref: string };

/** The endpoints by which a pod's hosts reach the API, the stack's own last. */
export function endpointsOf(pod: Pod): EndpointRef[] {
  return [...pod.endpoints, ...(pod.newEndpoint === null ? [] : [{ Ref: logicalId('Endpoint', pod.name) }])];
}

/** The execute-api endpoints that the fleet wants made, each with a security group that lets in HTTPS from the pod alone. */
export function newEndpoints(stage: string, pods: Pod[]): Resources {
  return Object.fromEntries(
    pods.flatMap((pod): [string, Resource][] => {
      if (pod.newEndpoint === null) return [];
      const group = logicalId('EndpointGroup', pod.name);
      return [
        [group, securityGroup(stage, pod)],
        [logicalId('Endpoint', pod.name), endpoint(stage, pod, pod.newEndpoint, group)],
      ];
    }),
  );
}

function securityGroup(stage: string, pod: Pod): Resource {
  return {
    Type: 'AWS::EC2::SecurityGroup',
    Properties: {
      GroupDescription: `HTTPS from pod ${pod.name} to the endpoint of the podtime API`,
      VpcId: pod.vpc,
      SecurityGroupIngress: pod.networks.map((cidr) => ({
        IpProtocol: 'tcp',
        FromPort: 443,
        ToPort: 443,
        ...(cidr.includes(':') ? { CidrIpv6: cidr } : { CidrIp: cidr }),
      })),
      // an endpoint begins no connection; without this line EC2 would allow it all
      SecurityGroupEgress: [{ IpProtocol: '-1', CidrIp: '127.0.0.1/32' }],
      Tags: nameTag(stage, pod),
    },
  };
}

function endpoint(stage: string, pod: Pod, wanted: NonNullable<Pod['newEndpoint']>, group: string): Resource {
  return {
    Type: 'AWS::EC2::VPCEndpoint',
    Properties: {
      VpcEndpointType: 'Interface',
      ServiceName: { 'Fn::Join': ['.', ['com.amazonaws', { Ref: 'AWS::Region' }, 'execute-api']] },
      VpcId: pod.vpc,
      SubnetIds: wanted.subnets,
      SecurityGroupIds: [{ 'Fn::GetAtt': [group, 'GroupId'] }],
      PrivateDnsEnabled: wanted.privateDns,
      Tags: nameTag(stage, pod),
    },
  };
}

function nameTag(stage: string, pod: Pod): { Key: string; Value: string }[] {
  return [{ Key: 'Name', Value: `podtime-${stage}-${pod.name}` }];
}

/**
 * What user data wants to know: the API's base URL as a pod's hosts reach it. The name that API Gateway makes of API and
 * endpoint resolves with and without private DNS (API Gateway developer guide, "Invoke a private API").
 */
export function apiUrls(stage: string, pods: Pod[]): Record<string, unknown> {
  return Object.fromEntries(
    pods.flatMap((pod): [string, unknown][] => {
      const [first] = endpointsOf(pod);
      if (first === undefined) return [];
      const host = ['https://', { Ref: 'ApiGatewayRestApi' }, '-', first, '.execute-api.', { Ref: 'AWS::Region' }];
      return [
        [
          logicalId('ApiUrl', pod.name),
          {
            Description: `Base URL of the API for the hosts of pod ${pod.name}`,
            Value: { 'Fn::Join': ['', [...host, '.', { Ref: 'AWS::URLSuffix' }, `/${stage}`]] },
          },
        ],
      ];
    }),
  );
}
