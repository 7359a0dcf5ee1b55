import { tsImport } from 'tsx/esm/api';

/** The TypeScript of this folder, loaded when a command first needs it: osls has no TypeScript loader. */
let loaded;
const parts = () => {
  loaded ??= tsImport('./build.ts', import.meta.url);
  return loaded;
};

/** Commands that make or run something of the fleet: with a faulty fleet file these stop. */
const BUILDING = ['package', 'deploy', 'deploy function', 'invoke local', 'offline', 'offline start'];

/**
 * podtime's build as a plugin of osls: checks the stage's fleet file, bundles each handler alone, and adds what follows
 * from the fleet (SSM documents, schedules, resource policy). In serverless.yml `${podtime:…}` stands for the lists that
 * the fleet gives. All work is in build.ts.
 */
export default class PodtimeBuild {
  constructor(serverless, options, { log }) {
    let build;
    const of = async (settings) => {
      const { Build } = await parts();
      build ??= new Build(serverless.serviceDir ?? process.cwd(), log, settings);
      return build;
    };

    this.configurationVariablesSources = {
      podtime: {
        async resolve({ address, resolveVariable, resolveConfigurationProperty }) {
          const settings = {
            fleetFile: await resolveVariable('param:fleet'),
            stage: await resolveVariable('sls:stage'),
            region: options.region ?? (await resolveConfigurationProperty(['provider', 'region'])),
            topics: {
              pods: await resolveVariable('param:alarmTopic'),
              details: await resolveVariable('param:alarmDetailTopic'),
            },
          };
          return { value: (await of(settings)).variable(address) };
        },
      },
    };

    const command = serverless.processedInput.commands.join(' ');
    const run = (step) => async () => {
      try {
        await step(await of());
      } catch (error) {
        if (error?.name !== 'BuildError') throw error;
        throw new serverless.classes.Error(error.message, 'PODTIME_BUILD');
      }
    };
    this.hooks = BUILDING.includes(command)
      ? {
          initialize: run((it) => it.check(command)),
          'before:package:cleanup': run((it) => it.takeTurn()),
          'after:package:initialize': run((it) => it.addResources(serverless.service)),
          'before:package:createDeploymentArtifacts': run((it) => it.archiveHandlers(serverless.service.functions)),
          'before:deploy:function:packageFunction': run((it) => it.archiveHandlers(serverless.service.functions)),
          'after:package:compileEvents': run((it) => it.settleDeployment(serverless.service)),
          'after:aws:package:finalize:mergeCustomProviderResources': run((it) => it.checkLimits(serverless.service)),
          'after:package:finalize': run((it) => it.endTurn()),
          'before:invoke:local:invoke': run((it) => it.runFromBundles(serverless.service.functions)),
          'before:offline:start:init': run((it) => it.runFromBundles(serverless.service.functions)),
          'before:offline:start': run((it) => it.runFromBundles(serverless.service.functions)),
        }
      : {};
  }
}
