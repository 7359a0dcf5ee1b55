import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { anyFreePort } from '../../src/pod/settings.ts';
import { linkRealTools } from '../../src/simulated/command-shims.ts';
import { whyNoSimulatedHosts } from '../../src/simulated/requirements.ts';

const WITHOUT_AWK =
  'There is no awk in PATH, and the simulated hosts run the real boot.sh and SSM documents, which need it: ' +
  'install it (Debian: apt-get install mawk) and start again.';

let tools: string;
beforeEach(() => {
  tools = mkdtempSync(join(tmpdir(), 'tools-'));
  linkRealTools(tools, process.env.PATH ?? '');
});
afterEach(() => rmSync(tools, { recursive: true }));

const without = (...names: string[]) => {
  for (const name of names) rmSync(join(tools, name), { force: true });
};

describe('what simulated hosts need of the machine', () => {
  it('is only what their own PATH reaches', () => {
    expect(whyNoSimulatedHosts(tools)).toEqual([]);
  });

  it('is told by name, with what installs it', () => {
    without('awk');
    expect(whyNoSimulatedHosts(tools)).toEqual([WITHOUT_AWK]);
    without('mktemp', 'mv');
    expect(whyNoSimulatedHosts(`/nonexistent:${tools}`)[0]).toMatch(
      /^There is no awk, no mktemp, no mv in PATH, .* \(Debian: apt-get install mawk coreutils\)/,
    );
  });

  it('is no curl, since there is one for a machine without', () => {
    without('curl');
    expect(whyNoSimulatedHosts(tools)).toEqual([]);
  });

  it('is looked for before anything is started', async () => {
    without('awk');
    const [port, awsPort] = [await anyFreePort(), await anyFreePort()];
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', 'packages/lab/src/pod/start.ts'],
      {
        env: { ...process.env, PATH: tools, PORT: String(port), AWS_PORT: String(awsPort) },
        encoding: 'utf8',
        timeout: 20_000,
      },
    );
    expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: '', stderr: `${WITHOUT_AWK}\n` });
  });
});
