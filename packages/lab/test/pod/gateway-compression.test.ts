import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const PRELOAD = join(import.meta.dirname, '../../src/pod/gateway.mjs');
const require = createRequire(import.meta.url);
const HAPI = createRequire(require.resolve('serverless-offline')).resolve('@hapi/hapi');

/** Which of bodies of so many bytes come compressed. The server is made as serverless-offline makes it: imported, with `new`. */
const PROGRAM = `
  import { Server } from ${JSON.stringify(pathToFileURL(HAPI).href)};
  const sizes = process.argv.slice(1).map(Number);
  const server = new Server({ host: '127.0.0.1', port: 0 });
  server.route({ method: 'GET', path: '/{size}', handler: ({ params }, h) => h.response('x'.repeat(Number(params.size))).type('text/plain') });
  await server.start();
  const encodingOf = async (size) => {
    const answer = await fetch(server.info.uri + '/' + size, { headers: { 'accept-encoding': 'gzip' } });
    return answer.headers.get('content-encoding');
  };
  console.log(JSON.stringify(await Promise.all(sizes.map(encodingOf))));
  await server.stop();
`;

async function encodings(sizes: number[], imports: string[]): Promise<unknown> {
  const args = [...imports, '--input-type=module', '--eval', PROGRAM, ...sizes.map(String)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout);
}

it('lets the local API compress what the gateway would, and no smaller page', async () => {
  const [, least = ''] = /minimumCompressionSize: (\d+)/.exec(readFileSync('serverless.yml', 'utf8')) ?? [];
  const sizes = [2000, Number(least) - 1, Number(least)];
  expect(await encodings(sizes, ['--import', PRELOAD])).toEqual([null, null, 'gzip']);
  // what it is for
  expect(await encodings(sizes, [])).toEqual(['gzip', 'gzip', 'gzip']);
});
