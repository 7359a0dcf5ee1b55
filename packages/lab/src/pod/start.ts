import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadFleet } from '../../../../src/fleet/load.ts';
import { whyNoRealHosts } from '../real/requirements.ts';
import { whyNoSimulatedHosts } from '../simulated/requirements.ts';
import { greeting } from './greeting.ts';
import { cleanLeftovers } from './leftovers.ts';
import {
  asksForHelp,
  FLEET_FILES,
  lambdaPortBeside,
  mustBeFree,
  portsOf,
  runOf,
  SettingError,
  startUsage,
} from './settings.ts';

const PROJECT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..');

/** Hosts and AWS run so much faster than the wall clock: five minutes to confidence become fifteen seconds. */
const FACTOR = 20;

const print = (line: string) => console.log(line);

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  if (asksForHelp(args)) {
    print(startUsage(FACTOR));
    return 0;
  }
  const ports = portsOf(process.env);
  const { hosts, factor } = runOf(args, FACTOR);
  const lacking = hosts === 'real' ? whyNoRealHosts() : whyNoSimulatedHosts(process.env.PATH ?? '');
  if (lacking.length > 0) throw new SettingError(lacking.join('\n'));
  // before the ports: what was left behind may hold them
  for (const folder of await cleanLeftovers()) print(`podtime: cleaned up after a pod that was killed (${folder}).`);
  await mustBeFree(ports.api, 'PORT');
  await mustBeFree(ports.aws, 'AWS_PORT');
  const lambdaPort = await lambdaPortBeside(ports.api);
  const fleetFile = FLEET_FILES[hosts];
  // what makes the pod is loaded once it can come up: a wrong setting is told at once
  const [{ LocalPod }, { serveControl }] = await Promise.all([import('./pod.ts'), import('./control.ts')]);
  const fleet = loadFleet(readFileSync(join(PROJECT, fleetFile), 'utf8'), fleetFile);
  const pod = new LocalPod({
    projectFolder: PROJECT,
    fleetFile,
    fleet,
    port: ports.api,
    awsPort: ports.aws,
    lambdaPort,
    factor,
    hosts,
    print,
  });

  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
  try {
    const speed = hosts === 'real' ? 'Its hosts are real' : `Hosts and AWS run ${factor} times as fast as your clock`;
    print(`podtime: one pod on one machine. ${speed}. Ctrl-C ends it.`);
    const started = await Promise.race([pod.start(), stopped]);
    if (!started) return 0;
    const control = await serveControl(pod, ports.aws);
    for (const line of greeting(fleet, ports, lambdaPort)) print(line);
    print('');
    const over = await Promise.race([started.ended, stopped]);
    control.close();
    control.closeAllConnections();
    if (over === undefined) return 0;
    console.error(`serverless-offline ended:\n${over}`);
    return 1;
  } finally {
    await pod.close();
  }
}

main().then(
  (status) => process.exit(status),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  },
);
