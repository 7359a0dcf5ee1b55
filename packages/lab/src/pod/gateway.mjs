// Loaded before serverless-offline, by `node --import`. What it serves with compresses from 1 KB on, and has no setting for it here;
// API Gateway from `minimumCompressionSize` of serverless.yml on, so that no served file is compressed under its ETag.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const FILE = 'serverless.yml';
const bytes = /^ +minimumCompressionSize: (\d+)$/m.exec(readFileSync(FILE, 'utf8'))?.[1];
if (bytes === undefined) throw new Error(`${FILE} has no minimumCompressionSize.`);
const compression = { minBytes: Number(bytes) };

const offline = createRequire(import.meta.url).resolve('serverless-offline');
const hapi = createRequire(offline)('@hapi/hapi');
const create = hapi.server;

/** @param {object} options */
function Server(options) {
  return create({ ...options, compression });
}
Object.assign(hapi, { Server, server: Server });

// A private API's events say through which VPC the caller came; whoever calls this machine's comes as an operator of packages/lab/fleet.yml.
const OPERATOR_VPC = 'vpc-0000000000000000a';
const events = join(dirname(offline), 'events/http/lambda-events/LambdaProxyIntegrationEvent.js');
const { default: ProxyEvent } = await import(pathToFileURL(events).href);
const { create: createEvent } = ProxyEvent.prototype;
ProxyEvent.prototype.create = function createFromVpc() {
  const event = createEvent.call(this);
  event.requestContext.identity.vpcId = OPERATOR_VPC;
  return event;
};
