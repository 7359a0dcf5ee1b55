import type { Agents } from '../agents.ts';
import type { Instance, Instances } from '../ec2/instances.ts';
import { AwsError } from '../errors.ts';
import { page } from '../paging.ts';
import { epochSeconds } from '../protocol/aws-json.ts';
import type { Command } from './command.ts';
import { checkConstraints } from './constraints.ts';
import type { Pings } from './pings.ts';

const DEFAULT_PAGE = 10;
/** API reference, InvalidInstanceId: "Valid states are: Running, Pending, Stopped, and Stopping". */
const INVALID_STATES = ['shutting-down', 'terminated'];

/** SSM's view of the hosts: those of EC2 with an agent that was heard at least once. */
export interface Nodes {
  /** Managed, and in a state in which it may be named in InstanceIds. */
  valid(instanceId: string): boolean;
  alive(instanceId: string): boolean;
  /** Ids behind targets: all keys must match, any value of each; in no particular order. */
  resolve(targets: Command['targets']): string[];
  describe(input: Record<string, unknown>): Record<string, unknown>;
}

export function createNodes(agents: Agents, instances: Instances, pings: Pings): Nodes {
  const alive = (instanceId: string) => !INVALID_STATES.includes(instances.find(instanceId)?.state ?? 'terminated');
  const valid = (instanceId: string) =>
    agents.has(instanceId) && alive(instanceId) && pings.lastPingAtMs(instanceId) !== null;
  const managed = () => instances.all().filter((instance) => valid(instance.instanceId));

  const matches = (instance: Instance, key: string, values: string[]) => {
    if (key === 'InstanceIds') return values.includes(instance.instanceId);
    const tags = instances.tagsOf(instance);
    if (key === 'tag-key') return values.some((value) => Object.hasOwn(tags, value));
    const tag = tags[key.slice('tag:'.length)];
    return tag !== undefined && values.includes(tag);
  };

  return {
    valid,
    alive,
    resolve: (targets) =>
      managed()
        .filter((instance) => targets.every(({ key, values }) => matches(instance, key, values)))
        .map((instance) => instance.instanceId),
    describe(input) {
      checkConstraints(input, {
        Filters: { type: 'list' },
        InstanceInformationFilterList: { type: 'list' },
        MaxResults: { type: 'integer', min: 5, max: 50 },
        NextToken: { type: 'string' },
      });
      const filters = [
        ...((input.Filters ?? []) as { Key: string; Values: string[] }[]).map(({ Key, Values }) => ({
          key: Key,
          values: Values,
        })),
        ...((input.InstanceInformationFilterList ?? []) as { key: string; valueSet: string[] }[]).map(
          ({ key, valueSet }) => ({ key, values: valueSet }),
        ),
      ];
      const status = (instance: Instance) => (pings.online(instance.instanceId) ? 'Online' : 'ConnectionLost');
      const kept = managed().filter((instance) =>
        filters.every(({ key, values }) => {
          if (key === 'PingStatus') return values.includes(status(instance));
          if (key === 'PlatformTypes') return values.includes(agents.get(instance.instanceId)?.platform ?? 'Linux');
          if (key === 'ResourceType') return values.includes('EC2Instance');
          if (key === 'InstanceIds' || key === 'tag-key' || key.startsWith('tag:'))
            return matches(instance, key, values);
          throw new AwsError('InvalidFilterKey', '');
        }),
      );
      const found = page(
        kept,
        (input.MaxResults as number | undefined) ?? DEFAULT_PAGE,
        input.NextToken,
        `DescribeInstanceInformation ${JSON.stringify(filters)}`,
      );
      return {
        InstanceInformationList: found.items.map((instance) => ({
          InstanceId: instance.instanceId,
          PingStatus: status(instance),
          LastPingDateTime: epochSeconds(pings.lastPingAtMs(instance.instanceId) ?? 0),
          AgentVersion: agents.get(instance.instanceId)?.version ?? '3.3.1611.0',
          IsLatestVersion: false,
          PlatformType: agents.get(instance.instanceId)?.platform ?? 'Linux',
          PlatformName: 'Debian GNU/Linux',
          PlatformVersion: '12',
          ResourceType: 'EC2Instance',
          IPAddress: instance.ipv4 ?? undefined,
          ComputerName: `${instance.instanceId}.local`,
          SourceId: instance.instanceId,
          SourceType: 'AWS::EC2::Instance',
        })),
        NextToken: found.nextToken,
      };
    },
  };
}
