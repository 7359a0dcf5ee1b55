import type { Fleet } from '../../src/fleet/fleet.ts';
import { type AlarmTopics, checkTopics } from '../monitoring/alarms.ts';
import { type CountedFunctions, overLimits, resourcesBesidePods } from './limits.ts';
import { resourcePolicy } from './resource-policy.ts';
import { generatedResources } from './resources.ts';

/** What of AWS's limits a stack of these pods is over, each a sentence; from the fleet alone, before anything is built. */
export function fleetOverLimits(
  serviceDir: string,
  { stage, region, topics }: { stage: string; region: string; topics: AlarmTopics },
  fleet: Fleet,
  functions: CountedFunctions,
): string[] {
  const Policy = resourcePolicy(fleet, stage);
  const Resources = {
    ...generatedResources(serviceDir, stage, fleet.pods, checkTopics(topics, region)),
    ApiGatewayRestApi: { Type: 'AWS::ApiGateway::RestApi', Properties: { Policy } },
  };
  return overLimits({ Resources }, fleet.pods.length, resourcesBesidePods(functions));
}
