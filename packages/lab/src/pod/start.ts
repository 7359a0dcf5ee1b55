import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { whyNoRealHosts } from '../real/requirements.ts';
import { whyNoSimulatedHosts } from '../simulated/requirements.ts';
import { fleetToRun } from './fleet-to-run.ts';
import { greeting } from './greeting.ts';
import { cleanLeftovers } from './leftovers.ts';
import { ENDED_BY, untilEnd } from './lifetime.ts';
import { slownessOfMachine } from './machine-speed.ts';
import { timesAsFast } from './pace.ts';
import { asksForHelp, lambdaPortBeside, mustBeFree, portsOf, SettingError } from './settings.ts';
import { StartLog } from './start-log.ts';
import { START_USAGE, startOptionsOf } from './start-options.ts';

const PROJECT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..');
/** Waits are stretched as well: with so much less to do at once a slow machine begins, and `Pace` does the rest. */
const SLOWER_AT_FIRST = 4;
/** Of a process that a signal ended. */
const INTERRUPTED = 130;

const print = (line: string) => console.log(line);

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  if (asksForHelp(args) || args.includes('--help')) {
    print(START_USAGE);
    return 0;
  }
  const ended = untilEnd(() => {
    print('podtime: ended at once; what is left is cleaned up behind it.');
    process.exit(INTERRUPTED);
  });
  const ports = portsOf(process.env);
  const { hosts, factor: wanted, fleetFile: own } = startOptionsOf(args);
  const fleetOf = (slowness: number) =>
    // npm runs scripts in the project's folder, and says in INIT_CWD where the operator stands
    fleetToRun({ own, hosts, slowness }, { project: PROJECT, folder: process.env.INIT_CWD || process.cwd() });
  const { name } = fleetOf(1);
  const lacking = hosts === 'real' ? whyNoRealHosts() : whyNoSimulatedHosts(process.env.PATH ?? '');
  if (lacking.length > 0) throw new SettingError(lacking.join('\n'));
  // before the ports: what was left behind may hold them
  for (const folder of await cleanLeftovers()) print(`podtime: cleaned up after a pod that was killed (${folder}).`);
  await mustBeFree(ports.api, 'PORT');
  await mustBeFree(ports.aws, 'AWS_PORT');
  const lambdaPort = await lambdaPortBeside(ports.api);
  const speed = hosts === 'real' ? 'Its hosts are real' : `Hosts and AWS run ${timesAsFast(wanted)}`;
  print(`podtime: ${name} on one machine. ${speed}. Ctrl-C ends it.`);
  const log = new StartLog(print);
  // what makes the pod is loaded once it can come up: a wrong setting is told at once
  const [slowness, { LocalPod }, { serveControl }] = await Promise.all([
    slownessOfMachine(),
    import('./pod.ts'),
    import('./control.ts'),
  ]);
  const factor = Math.max(1, Math.round(wanted / Math.min(slowness, SLOWER_AT_FIRST)));
  const { fleet, sentences, ...fleetFile } = fleetOf(slowness);
  for (const sentence of sentences) print(`podtime: ${sentence}.`);
  if (factor < wanted)
    print(`podtime: so hosts and AWS begin ${timesAsFast(factor)}, not ${wanted} times; all comes, later.`);
  log.done('checked', `${name}: ${fleet.pods.map((pod) => pod.name).join(', ')}`, 'packaging');
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
    log,
  });
  const stopped = ended.then((by) => {
    log.end();
    print(
      `podtime: ${ENDED_BY[by] ?? by}. Hosts, AWS and functions end, and their files go. Ctrl-C again ends it at once.`,
    );
  });
  try {
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
    log.end();
    await pod.close();
    print('podtime: it has ended.');
  }
}

main().then(
  (status) => process.exit(status),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  },
);
