import { loadTypeScript } from './load-typescript.mjs';

/** The TypeScript of this folder, loaded when a command first needs it: osls has no TypeScript loader. */
let loaded;
const parts = () => {
  loaded ??= loadTypeScript(new URL('build.ts', import.meta.url), 'plugin').then(({ exports }) => exports);
  return loaded;
};

/** Commands that make or run something of the fleet: with a faulty fleet file these stop. */
const BUILDING = ['package', 'deploy', 'deploy function', 'invoke local', 'offline', 'offline start'];

/**
 * podtime's build as a plugin of osls: checks the stage's fleet file, bundles each handler alone, and adds what follows
 * from the fleet (SSM documents, schedules, resource policy). In serverless.yml `${podtime:…}` stands for the lists that
 * the fleet gives. All work is in build.ts.
 * Decisions 0001, 0003.
 */
export default class PodtimeBuild {
  constructor(serverless, options, { log }) {
    let started;
    const buildWith = async (settings) => {
      const { Build } = await parts();
      started ??= new Build(serverless.serviceDir ?? process.cwd(), log, settings);
      return started;
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
              runbookUrl: await resolveVariable('param:runbookUrl'),
              pagesUrl: await resolveVariable('param:pagesUrl'),
            },
          };
          const build = await buildWith(settings);
          const functions = address === 'routes' ? await resolveConfigurationProperty(['functions']) : {};
          return { value: build.variable(address, functions) };
        },
      },
    };

    this.commands = {
      offline: {
        options: {
          package: { type: 'string', usage: 'Folder to package into first, as `sls package --package` does' },
        },
      },
    };

    const command = serverless.processedInput.commands.join(' ');
    const run = (step) => async () => {
      try {
        await step(await buildWith());
      } catch (error) {
        if (error?.name !== 'BuildError') throw error;
        throw new serverless.classes.Error(error.message, 'PODTIME_BUILD');
      }
    };
    this.hooks = BUILDING.includes(command)
      ? {
          initialize: run((build) => {
            build.leaveOutFunctions(serverless.service.functions);
            build.check(command, serverless.service.functions);
          }),
          'before:package:cleanup': run((build) => build.takeTurn()),
          'after:package:initialize': run((build) => build.addResources(serverless.service)),
          'before:package:createDeploymentArtifacts': run((build) =>
            build.archiveHandlers(serverless.service.functions),
          ),
          'before:deploy:function:packageFunction': run((build) => build.archiveHandlers(serverless.service.functions)),
          'after:package:compileEvents': run((build) => build.settleDeployment(serverless.service)),
          'after:aws:package:finalize:mergeCustomProviderResources': run((build) =>
            build.checkLimits(serverless.service),
          ),
          'after:package:finalize': run((build) => build.endTurn()),
          'before:invoke:local:invoke': run((build) => build.runFromBundles(serverless.service.functions)),
          'before:offline:start:init': run((build) => build.runFromBundles(serverless.service.functions)),
          'before:offline:start': run(async (build) => {
            if (options.package) await serverless.pluginManager.spawn('package');
            await build.runFromBundles(serverless.service.functions);
            // its process would stay for as long as the functions are served
            const { stop } = await import('esbuild');
            await stop();
          }),
        }
      : {};
  }
}
