import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { deployFaults, inRegion, writtenDeployFaults } from '../src/fleet/deploy.ts';
import { FleetFileError } from '../src/fleet/errors.ts';
import type { Fleet } from '../src/fleet/fleet.ts';
import { loadFleet } from '../src/fleet/load.ts';
import { sortedUnique } from '../src/fleet/ordering.ts';
import { count } from '../src/fleet/sentences.ts';
import { BuildError } from './errors.ts';
import type { AlarmTopics } from './monitoring/alarms.ts';

export interface StageSettings {
  /** From the service's folder: `fleet.yml`, or what the stage's parameter `fleet` says. */
  fleetFile: string;
  stage: string;
  region: string;
  /** Who is told of alarms. */
  topics: AlarmTopics;
}

/** The pods that one stack holds. */
export interface StageFleet {
  /** Of the stage's region only: one stack is one account and one region. */
  fleet: Fleet;
  /** Pods of other regions, `red (eu-west-1)`. */
  leftOut: string[];
  /** What keeps this from being deployed to AWS, each a sentence. */
  deployFaults: string[];
}

/** The stage that runs on one machine, against the local endpoint: ids that only AWS gives may be missing there. */
export const LOCAL_STAGE = 'local';

/** The stage that serverless.yml takes when none is named. Decision 0008. */
export const TRIAL_STAGE = 'dev';

/** Reads and checks the stage's fleet file. Throws `BuildError` with every fault of the file. */
export function readStageFleet(
  serviceDir: string,
  { fleetFile, region, stage }: Omit<StageSettings, 'topics'>,
): StageFleet {
  const whole = load(serviceDir, fleetFile, wantsIds(stage) ? region : null);
  const fleet = inRegion(whole, region);
  if (fleet.pods.length === 0) {
    const regions = sortedUnique(whole.pods.map((pod) => pod.region));
    throw new BuildError(
      `${fleetFile} has no pod in region ${region}; its pods are in ${regions.join(', ')}. Choose one by --region.`,
    );
  }
  return {
    fleet,
    leftOut: whole.pods.filter((pod) => pod.region !== region).map((pod) => `${pod.name} (${pod.region})`),
    deployFaults: stage === LOCAL_STAGE ? [] : deployFaults(fleet),
  };
}

/** The same of all regions. Of a file with faults it is told too which ids the stage wants. */
export function readWholeFleet(serviceDir: string, { fleetFile, stage }: { fleetFile: string; stage: string }): Fleet {
  return load(serviceDir, fleetFile, wantsIds(stage) ? ANY_REGION : null);
}

const ANY_REGION = Symbol('any region');

function wantsIds(stage: string): boolean {
  return stage !== LOCAL_STAGE && stage !== TRIAL_STAGE;
}

const WHY_UNREAD: Record<string, string> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such folder',
  EISDIR: 'it is a folder',
  EACCES: 'its permissions forbid it',
};

/** @param idsOf the region whose pods need ids that only AWS gives; null: none do. */
function load(serviceDir: string, fleetFile: string, idsOf: string | typeof ANY_REGION | null): Fleet {
  let text: string;
  const path = resolve(serviceDir, fleetFile);
  try {
    if (statSync(path).isCharacterDevice()) throw new Error('it is a device');
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new BuildError(
      `The fleet file ${fleetFile} cannot be read: ${WHY_UNREAD[code] ?? message} (looked for it at ${path}).`,
    );
  }
  try {
    return loadFleet(text, fleetFile);
  } catch (error) {
    if (!(error instanceof FleetFileError)) throw error;
    const missing = idsOf === null ? [] : writtenDeployFaults(error.written, idsOf === ANY_REGION ? null : idsOf);
    throw new BuildError(
      [
        `${fleetFile} has ${count(error.faults.length, 'fault')}; nothing is built.`,
        error.message,
        ...(missing.length === 0 ? [] : ['Nor could it be deployed.', ...missing.map((sentence) => `- ${sentence}`)]),
      ].join('\n'),
    );
  }
}
