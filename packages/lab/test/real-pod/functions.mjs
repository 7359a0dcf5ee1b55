/**
 * The product in a process of its own: the bundles that would be deployed, behind an HTTP port that routes as API Gateway
 * and Lambda do. Prints its port; ends with its standard input.
 * Usage: node functions.mjs FOLDER
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

const [folder = '.'] = process.argv.slice(2);
const NAMES = ['config', 'register', 'status', 'instances', 'watchdog', 'collect', 'cycle', 'history'];

/** @type {Record<string, (event: unknown, context: object) => Promise<any>>} */
const handlers = Object.fromEntries(
  await Promise.all(
    NAMES.map(async (name) => [
      name,
      (await import(pathToFileURL(join(folder, 'handlers', `${name}.mjs`)).href)).handler,
    ]),
  ),
);

/** The API's paths, as serverless.yml has them. */
function route(method, [pod, second, az, file, ...more]) {
  if (more.length > 0) return null;
  if (method === 'POST' && second === 'register' && az === undefined) return ['register', { pod }];
  if (method === 'POST') return null;
  if (second === 'status.json' && az === undefined) return ['status', { pod }, '/{pod}/status.json'];
  return file === undefined ? null : ['config', { pod, tier: second, az, file }];
}

/** Seconds that Lambda lets a function run, as serverless.yml has them. */
const TIMEOUT_SECONDS = { watchdog: 180, instances: 60, collect: 60, cycle: 60 };

function contextOf(name) {
  const endsAtMs = Date.now() + (TIMEOUT_SECONDS[name] ?? 25) * 1000;
  return { awsRequestId: randomUUID(), getRemainingTimeInMillis: () => Math.max(0, endsAtMs - Date.now()) };
}

async function answer(request, response) {
  const body = await text(request);
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
  const parts = pathname.slice(1).split('/').map(decodeURIComponent);
  const invoked = /^2015-03-31\/functions\/podtime-local-(\w+)\/invocations$/.exec(parts.join('/'));
  if (invoked) {
    const result = await handlers[invoked[1]](JSON.parse(body), contextOf(invoked[1]));
    response.end(JSON.stringify(result ?? null));
    return;
  }
  const found = route(request.method, parts);
  if (found === null) {
    response.writeHead(403).end();
    return;
  }
  const [name, pathParameters, resource] = found;
  const context = contextOf(name);
  const event = {
    resource,
    httpMethod: request.method,
    path: pathname,
    headers: request.headers,
    multiValueHeaders: null,
    queryStringParameters: searchParams.size === 0 ? null : Object.fromEntries(searchParams),
    multiValueQueryStringParameters: null,
    pathParameters,
    // an operator's, by packages/lab/fleet.yml
    requestContext: { requestId: context.awsRequestId, identity: { vpcId: 'vpc-0000000000000000a' } },
    body: body === '' ? null : body,
    isBase64Encoded: false,
  };
  const { statusCode, headers, body: told } = await handlers[name](event, context);
  response.writeHead(statusCode, headers).end(told);
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    response.writeHead(500).end(JSON.stringify({ errorMessage: String(error?.message ?? error) }));
  });
});
process.stdin.on('end', () => process.exit(0)).resume();
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {});
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
