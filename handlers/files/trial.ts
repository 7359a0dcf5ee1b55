import type { Context } from 'aws-lambda';
import type { Rendered } from '../../src/config/seal.ts';
import type { FileKey } from '../../src/config/trials/file-key.ts';
import { type FileStates, stateOfFile } from '../../src/config/trials/file-states.ts';
import { isFree, nextPermit, slotOf } from '../../src/config/trials/permits.ts';
import { mayTry, servedRevision } from '../../src/config/trials/serving.ts';
import type { Pod } from '../../src/fleet/fleet.ts';
import type { ServedFiles } from '../../src/watchdog/ports.ts';
import { Problem } from '../http/problem.ts';
import { runOf } from '../lambda/run.ts';
import { servedFiles } from '../lambda/served-files.ts';

/** Who asks for a file. */
export interface Asking {
  pod: Pod;
  key: FileKey;
  /** The revision that the host has, as it tells; null: it has none; undefined: nothing is told, so that nobody sees what comes of a trial. */
  has: string | null | undefined;
  /** HEAD tries nothing. */
  isHead: boolean;
}

/** A boot waits for no more: S3 answers within some 50 ms, or not. */
const S3_MS = 3000;

/** What a process has read counts for so long, also that nothing could be: of many hosts that ask one waits. */
const KEPT_MS = 5000;

const RETRY_AFTER_SECONDS = 60;

/**
 * The file that is served to whom: the fleet file's, or the one that has settled. Where S3 does not tell, who has another revision than the fleet
 * file's is to keep it (503), and others get that: a new host boots whatever S3 does. Decision 0143.
 */
export function fileFor(fleet: Rendered, asking: Asking, context: Context): Rendered | Promise<Rendered> {
  const { pod, key, has = null } = asking;
  const read = known.get(pod.name);
  // nearly always nothing is on trial, and that was read within the last seconds
  if (read?.states === undefined || Date.now() >= read.untilMs) return askFor(fleet, asking, context);
  const choice = { fleet: fleet.revision, has };
  const isFleets =
    read.states === null
      ? has === null || has === fleet.revision
      : servedRevision({ ...choice, state: stateOfFile(read.states, key) }) === fleet.revision;
  return isFleets ? fleet : askFor(fleet, asking, context);
}

async function askFor(fleet: Rendered, asking: Asking, context: Context): Promise<Rendered> {
  const { pod, key, has = null } = asking;
  const endsAtMs = Date.now() + S3_MS;
  const { call } = runOf(context, pod.name);
  try {
    const files = servedFiles((action, step) => call(action, step, endsAtMs - Date.now()));
    const states = await statesOf(files, pod);
    const state = stateOfFile(states, key);
    const choice = { state, fleet: fleet.revision, has };
    const revision = servedRevision(choice);
    if (revision === fleet.revision) return fleet;
    if (mayTry(choice) && (await takesPermit(files, states, fleet, asking, context))) return fleet;
    return { revision, text: await textOf(files, pod, revision) };
  } catch (error) {
    if (has === null || has === fleet.revision) return fleet;
    console.error({ pod: pod.name, failed: String(error), served: 503 });
    const sentence = `S3 does not say whether another host tries revision ${fleet.revision} first: keep the file that is there.`;
    throw new Problem(503, sentence, { 'retry-after': String(RETRY_AFTER_SECONDS) });
  }
}

async function takesPermit(
  files: ServedFiles,
  states: FileStates,
  { revision }: Rendered,
  { pod, key, has, isHead }: Asking,
  { awsRequestId }: Context,
): Promise<boolean> {
  if (isHead || has === undefined) return false;
  const slot = slotOf(key);
  try {
    const { permit, etag } = await files.permit(pod.name, slot);
    const nowMs = Date.now();
    if (!isFree(permit, { key, revision }, states, nowMs, pod)) return false;
    return await files.give(pod.name, slot, nextPermit(permit, revision, awsRequestId, nowMs), etag);
  } catch {
    // it is in the log; the settled file is right for every host
    return false;
  }
}

interface Known {
  untilMs: number;
  reading: Promise<FileStates>;
  /** Once that has ended; null: they could not be read. */
  states?: FileStates | null;
}

const known = new Map<string, Known>();

function statesOf(files: ServedFiles, { name }: Pod): Promise<FileStates> {
  const before = known.get(name);
  if (before && Date.now() < before.untilMs) return before.reading;
  const reading = files.states(name);
  const read: Known = { untilMs: Date.now() + KEPT_MS, reading };
  known.set(name, read);
  reading.then(
    (states) => {
      read.states = states;
    },
    () => {
      read.states = null;
    },
  );
  return reading;
}

/** Of settled files, which are as few as those that the fleet file makes, and never change. */
const texts = new Map<string, string>();

async function textOf(files: ServedFiles, { name }: Pod, revision: string): Promise<string> {
  const text = texts.get(revision) ?? (await files.text(name, revision));
  texts.set(revision, text);
  return text;
}
