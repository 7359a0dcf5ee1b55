import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { faultsOf } from '../../../../test/handlers/openapi.ts';
import { findTool } from '../../src/simulated/command-shims.ts';
import type { StartedPod } from './started-pod.ts';

export interface Answer extends APIGatewayProxyResult {
  /** Names in lower case. */
  headers: Record<string, string>;
}

export interface Asked {
  method?: 'GET' | 'HEAD';
  headers?: Record<string, string>;
}

const hasCurl = findTool('curl', process.env.PATH ?? '') !== undefined;

/**
 * Asks as an operator does, by `curl` (by Node where there is none), and holds what came, status, headers and body, against
 * docs/openapi.yml's answer of the path `resource`.
 */
export async function held(pod: StartedPod, resource: string, path: string, asked: Asked = {}): Promise<Answer> {
  const url = `http://127.0.0.1:${pod.port}${path}`;
  const answer = await (hasCurl ? byCurl(url, asked) : byNode(url, asked));
  const faults = faultsOf({ httpMethod: asked.method ?? 'GET', resource }, answer);
  if (faults.length > 0) throw new Error(`${path} is not what docs/openapi.yml says: ${faults.join('; ')}`);
  return answer;
}

async function byCurl(url: string, { method, headers = {} }: Asked): Promise<Answer> {
  const given = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const options = ['-sS', '-i', '--max-time', '20', ...(method === 'HEAD' ? ['-I'] : []), ...given];
  const { stdout } = await promisify(execFile)('curl', [...options, url]);
  const end = stdout.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = stdout.slice(0, end).split('\r\n');
  return {
    statusCode: Number(statusLine.split(' ')[1]),
    headers: Object.fromEntries(lines.map(headerOf)),
    body: stdout.slice(end + '\r\n\r\n'.length),
  };
}

async function byNode(url: string, asked: Asked): Promise<Answer> {
  const response = await fetch(url, { ...asked, signal: AbortSignal.timeout(20_000) });
  return { statusCode: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
}

function headerOf(line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
