// @ts-check
import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A verb and its words, and for whom the answer is written.
 *
 * @typedef {object} Asked
 * @property {string[]} args
 * @property {boolean} json
 * @property {string | null} text what stands in the file that a verb names; the pod reads no file for anybody
 * @property {Terminal} terminal
 */

/** @typedef {{ colours: boolean, columns: number | null }} Terminal `columns` null: a pipe or a file, in which nothing is cut */

/** @typedef {{ ok: boolean, lines: string[] }} Answer */

const SOCKET = /^podtime-(\d+)\.sock$/;

/**
 * Where the pod that has this AWS port listens for `npm run pod`: a socket, so that no further port is taken.
 *
 * @param {number} awsPort
 */
export function controlPath(awsPort, parent = tmpdir()) {
  return join(parent, `podtime-${awsPort}.sock`);
}

/**
 * Asks the pod that runs; null when none runs there. Rejects with a sentence when it does not answer as a pod does.
 *
 * @param {number} awsPort
 * @param {Asked} asked
 * @returns {Promise<Answer | null>}
 */
export function askPod(awsPort, asked) {
  return new Promise((resolve, reject) => {
    // a connection of its own: one kept from the last verb may be closed by the pod at this moment
    const to = { socketPath: controlPath(awsPort), method: 'POST', path: '/', agent: false };
    const asking = request(to, async (response) => {
      try {
        let body = '';
        for await (const chunk of response) body += chunk;
        resolve(JSON.parse(body));
      } catch {
        reject(new Error(ENDED));
      }
    });
    asking.once('error', (/** @type {NodeJS.ErrnoException} */ { code = '', message }) => {
      if (code === 'ENOENT' || code === 'ECONNREFUSED') resolve(null);
      else reject(new Error(WHY_NOT[code] ?? `The pod cannot be asked: ${message}.`));
    });
    asking.end(JSON.stringify(asked));
  });
}

const ENDED = 'The pod ended before it had answered.';

/** @type {Record<string, string>} */
const WHY_NOT = {
  ECONNRESET: ENDED,
  EPIPE: ENDED,
  EACCES: 'The pod is that of another user: only who started it can ask it.',
  EPERM: 'The pod is that of another user: only who started it can ask it.',
};

/**
 * The AWS ports of the pods that can be asked.
 *
 * @returns {Promise<number[]>}
 */
export async function runningPods(parent = tmpdir()) {
  const ports = readdirSync(parent).flatMap((name) => Number(SOCKET.exec(name)?.[1] ?? []) || []);
  const heard = await Promise.all(ports.map((port) => isHeard(controlPath(port, parent))));
  return ports.filter((_, index) => heard[index]).sort((a, b) => a - b);
}

/**
 * @param {string} socket
 * @returns {Promise<boolean>}
 */
function isHeard(socket) {
  return new Promise((resolve) => {
    const asking = createConnection(socket, () => {
      asking.destroy();
      resolve(true);
    });
    asking.once('error', () => resolve(false));
  });
}
