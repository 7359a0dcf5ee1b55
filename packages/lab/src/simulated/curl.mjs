import { writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { parseArgs } from 'node:util';

/**
 * As much of curl as user data and boot.sh ask of it, for simulated hosts on a machine that has none. Exit statuses are
 * curl's; a test holds it against the real one.
 */

const OPTIONS = {
  fail: { type: 'boolean', short: 'f' },
  silent: { type: 'boolean', short: 's' },
  'show-error': { type: 'boolean', short: 'S' },
  proto: { type: 'string' },
  'connect-timeout': { type: 'string' },
  'max-time': { type: 'string', short: 'm' },
  'max-filesize': { type: 'string' },
  output: { type: 'string', short: 'o' },
  request: { type: 'string', short: 'X' },
  data: { type: 'string', short: 'd' },
  'write-out': { type: 'string', short: 'w' },
};

class CurlError extends Error {
  constructor(status, message) {
    // what is wrong with the command line has no number
    super(status === 2 ? `curl: ${message}` : `curl: (${status}) ${message}`);
    this.status = status;
  }
}

function read(args) {
  try {
    const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
    return { ...values, url: new URL(positionals[0] ?? '') };
  } catch (error) {
    throw new CurlError(2, error.message);
  }
}

/** Resolves with status and body; a body over `mostBytes` is given up. */
function call({ url, request, data, proto = '=http,https', ...limits }) {
  const scheme = url.protocol.slice(0, -1);
  if (!proto.replace('=', '').split(',').includes(scheme)) throw new CurlError(1, `Protocol "${scheme}" disabled`);
  const mostBytes = Number(limits['max-filesize'] ?? Infinity);
  const seconds = Number(limits['max-time'] ?? 300);
  return new Promise((resolve, reject) => {
    const asking = (scheme === 'https' ? https : http).request(url, {
      method: request ?? (data === undefined ? 'GET' : 'POST'),
      headers: data === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' },
    });
    const failed = (status, message) => {
      clearTimeout(timer);
      reject(new CurlError(status, message));
      asking.destroy();
    };
    const timer = setTimeout(
      () => failed(28, `Operation timed out after ${seconds * 1000} milliseconds`),
      seconds * 1000,
    );
    asking.once('error', () => failed(7, `Failed to connect to ${url.hostname} port ${url.port}`));
    asking.once('response', (answer) => {
      const parts = [];
      let bytes = 0;
      answer.on('data', (part) => {
        bytes += part.length;
        parts.push(part);
        if (bytes > mostBytes) failed(63, 'Maximum file size exceeded');
      });
      answer.once('error', () => failed(56, 'Recv failure'));
      answer.once('end', () => {
        clearTimeout(timer);
        resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) });
      });
    });
    asking.end(data);
  });
}

/** `%{http_code}` and `%header{NAME}`. */
function fill(format, status, headers) {
  return format
    .replaceAll('%{http_code}', String(status).padStart(3, '0'))
    .replaceAll(/%header\{([^}]*)\}/g, (_, name) => headers[name.toLowerCase()] ?? '');
}

let format = '';
let answered = { status: 0, headers: {} };
try {
  const { 'write-out': writeOut = '', ...asked } = read(process.argv.slice(2));
  format = writeOut;
  const { body, ...head } = await call(asked);
  answered = head;
  if (asked.fail && head.status >= 400) throw new CurlError(22, `The requested URL returned error: ${head.status}`);
  if (asked.output === undefined) process.stdout.write(body);
  else writeFileSync(asked.output, body);
} catch (error) {
  if (!(error instanceof CurlError)) throw error;
  console.error(error.message);
  process.exitCode = error.status;
}
process.stdout.write(fill(format, answered.status, answered.headers));
