import type { APIGatewayProxyResult } from 'aws-lambda';
import { faultsOf } from '../../handlers/openapi.ts';
import type { StartedPod } from './started-pod.ts';

export interface Answer extends APIGatewayProxyResult {
  /** Names in lower case. */
  headers: Record<string, string>;
}

/** Asks by `curl`, and holds what came, status, headers and body, against docs/openapi.yml's answer of the path `resource`. */
export async function held(pod: StartedPod, resource: string, path: string, ...options: string[]): Promise<Answer> {
  const told = await pod.curl('-i', ...options, `http://127.0.0.1:${pod.port}${path}`);
  const end = told.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = told.slice(0, end).split('\r\n');
  const answer = {
    statusCode: Number(statusLine.split(' ')[1]),
    headers: Object.fromEntries(lines.map(headerOf)),
    body: told.slice(end + '\r\n\r\n'.length),
  };
  const httpMethod = options.includes('-I') ? 'HEAD' : 'GET';
  const faults = faultsOf({ httpMethod, resource }, answer);
  if (faults.length > 0) throw new Error(`${path} is not what docs/openapi.yml says: ${faults.join('; ')}`);
  return answer;
}

function headerOf(line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
