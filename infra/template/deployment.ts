import { BuildError } from '../errors.ts';
import { shortHash } from '../hash.ts';
import { apiStage } from './api-stage.ts';
import type { Resource, Resources, Template } from './cloudformation.ts';
import type { MethodSetting } from './throttles.ts';

/**
 * osls names the API's deployment by the time of day, so that every package differs from the last and every deploy makes a
 * new one. Named by what it publishes instead: the same API gives the same template. And it waits for the gateway's own
 * responses, which would else be missing from the first one. osls' deployment makes the stage by the way; here the stage is a
 * resource of its own, because only such a one takes settings of its methods.
 */
export function settleDeployment(template: Template, own: Resources, stage: string, throttles: MethodSetting[]): void {
  const deployments = Object.entries(template.Resources).filter(
    ([, { Type }]) => Type === 'AWS::ApiGateway::Deployment',
  );
  for (const [id, deployment] of deployments) {
    const responses = Object.entries(own).filter(([, { Type }]) => Type === 'AWS::ApiGateway::GatewayResponse');
    const settled = `ApiGatewayDeployment${hashOf([...published(template.Resources), ...responses])}`;
    delete template.Resources[id];
    const { StageName: _, ...properties } = deployment.Properties;
    template.Resources[settled] = {
      ...deployment,
      Properties: properties,
      DependsOn: [...[deployment.DependsOn ?? []].flat(), ...responses.map(([response]) => response)],
    };
    template.Resources.ApiGatewayStage = apiStage(stage, settled, throttles);
  }
}

function published(resources: Resources): [string, Resource][] {
  return Object.entries(resources).filter(
    ([, { Type }]) => Type.startsWith('AWS::ApiGateway::') && Type !== 'AWS::ApiGateway::Deployment',
  );
}

function hashOf(resources: [string, Resource][]): string {
  const sorted = resources.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return shortHash(JSON.stringify(sorted));
}

/**
 * The folder of the deployment bucket that the functions' archives go to, as osls names it: by the time of day. Where
 * SOURCE_DATE_EPOCH (reproducible-builds.org: seconds since 1970) stands for that, two packages are the same to the byte.
 * null: it does not. Throws for one that is no whole number.
 */
export function artifactFolder(service: string, stage: string, environment: NodeJS.ProcessEnv): string | null {
  const given = environment.SOURCE_DATE_EPOCH;
  if (given === undefined || given === '') return null;
  if (!/^\d{1,11}$/.test(given)) throw new BuildError(`SOURCE_DATE_EPOCH is '${given}', not seconds since 1970.`);
  const made = new Date(Number(given) * 1000);
  return `serverless/${service}/${stage}/${made.getTime()}-${made.toISOString()}`;
}
