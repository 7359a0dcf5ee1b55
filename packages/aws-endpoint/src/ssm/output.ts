/** amazon-ssm-agent, iohandler: stdout and stderr together, as ListCommandInvocations shows them. Newer agents keep 2,500. */
export const LISTED_OUTPUT_BYTES = 2_400;
/** amazon-ssm-agent, DefaultOutputConfig: what GetCommandInvocation shows. */
export const STDOUT_CHARACTERS = 24_000;
export const STDERR_CHARACTERS = 8_000;

const OUT_CUT = '\n---Output truncated---';
const ERROR_CUT = '\n---Error truncated----';
const ERROR_TITLE = '\n----------ERROR-------\n';

/**
 * The agent's joining and cutting of one plugin's output to `capacity` bytes: a short stderr keeps its place, a short stdout
 * too, and when both are long each gets half. Cuts bytes, so the last character may be broken.
 */
export function listedOutput(stdout: string, stderr: string, capacity: number = LISTED_OUTPUT_BYTES): string {
  const out = Buffer.from(stdout, 'utf8');
  const err = Buffer.from(stderr, 'utf8');
  const title = err.length > 0 ? ERROR_TITLE : '';
  const room = capacity - title.length;
  if (out.length + err.length < room) return stdout + title + stderr;
  if (out.length > room / 2 && err.length > room / 2) {
    const half = Math.floor((room - OUT_CUT.length - ERROR_CUT.length) / 2);
    return cut(out, half) + OUT_CUT + title + cut(err, half) + ERROR_CUT;
  }
  if (out.length < room / 2) return stdout + title + cut(err, room - ERROR_CUT.length - out.length) + ERROR_CUT;
  return cut(out, room - OUT_CUT.length - err.length) + OUT_CUT + title + stderr;
}

function cut(bytes: Buffer, length: number): string {
  return bytes.subarray(0, Math.max(0, length)).toString('utf8');
}
