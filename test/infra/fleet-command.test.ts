import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fleetCommand } from '../../infra/fleet-command.ts';
import { fleetNotices } from '../../infra/notices.ts';
import { loadFleet } from '../../src/fleet/load.ts';

const SHIPPED = readFileSync('fleet.yml', 'utf8');
/** With ids, as for a deployment. */
const DEPLOYABLE = SHIPPED.replace('# vpc: vpc-…', 'vpc: vpc-0a1b2c3d')
  .replace(/# endpoints: .*/, 'endpoints: [vpce-0a1b2c3d]')
  .replace('# id: Z…', 'id: Z0123456789ABCDEFGHIJ')
  .replace(/\n {2}# A smaller pod[\s\S]*$/, '\n');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleet-'));
  writeFileSync(join(folder, 'good.yml'), DEPLOYABLE);
});
afterAll(() => rmSync(folder, { recursive: true }));

const command = (...args: string[]) => fleetCommand(args, { serviceDir: process.cwd(), folder });

describe('npm run fleet', () => {
  it("shows the shipped file's pods, their votes and all that packaging tells", () => {
    const { isGood, lines } = command();
    expect(isGood).toBe(true);
    expect(lines[0]).toBe('fleet.yml is good: 2 pods in us-west-2.');
    expect(lines).toContain(
      '  boundary  boundary servers follow 2 upstreams and the AWS time service; at worst 3 clocks: 1 may lie, 1 may fall silent',
    );
    expect(lines).toContain(
      '  hosts     2 boundary servers (Stratum 3), 998 clients (Stratum 4), looked at every 300 s',
    );
    const notices = fleetNotices(loadFleet(SHIPPED)).map((each) => `- ${each}`);
    expect(lines.filter((line) => notices.includes(line))).toEqual(notices);
    expect(lines).toContain("- Pod blue has no vpc: without it no instance would be the pod's.");
  });

  it('finds what is missing wrong for a stage that is meant for AWS', () => {
    const { isGood, lines } = command('--stage', 'prod');
    expect([isGood, lines[0], lines.length]).toEqual([false, 'fleet.yml cannot be deployed.', 7]);
  });

  it("takes a file of the operator's folder, which may be deployed", () => {
    const { isGood, lines } = command('good.yml', '--stage=prod');
    expect({ isGood, first: lines[0] }).toEqual({
      isGood: true,
      first: expect.stringMatching(/good\.yml is good: 1 pod in us-west-2\.$/),
    });
    expect(lines).not.toContain('It cannot be deployed yet:');
  });

  it('tells all faults at once, as packaging does', () => {
    const file = 'test/fixtures/fleet/everything-at-once/fleet.yml';
    const { isGood, lines } = fleetCommand([file], { serviceDir: process.cwd(), folder: process.cwd() });
    const expected = readFileSync('test/fixtures/fleet/everything-at-once/expected.txt', 'utf8').trim().split('\n');
    expect(isGood).toBe(false);
    expect(lines[0]).toMatch(new RegExp(`^${file} has ${expected.length} faults; nothing is built\\.$`));
    expect(lines).toHaveLength(expected.length + 1);
  });

  it('says which pods are too many for a stack', () => {
    const pods = Array.from({ length: 20 }, (_, n) => {
      const id = String(n).padStart(8, '0');
      return `  p${n}: { region: us-west-2, vpc: vpc-${id}, endpoints: [vpce-${id}], zone: { name: p${n}.pod, id: Z${id} }, networks: [10.${n}.0.0/16], azs: [us-west-2a, us-west-2b] }`;
    });
    writeFileSync(join(folder, 'many.yml'), `${SHIPPED.split('\npods:')[0]}\npods:\n${pods.join('\n')}\n`);
    const { isGood, lines } = command('many.yml', '--stage', 'prod');
    expect(isGood).toBe(false);
    expect(lines.join('\n')).toMatch(/- The template with 20 pods: \d+ resources, the limit is 500\./);
  });

  it.each([
    [['none.yml'], /^The fleet file .*none\.yml cannot be read: there is no such file/],
    [['--stag', 'prod'], /^npm run fleet knows no option --stag; it knows --stage\.$/],
    [['--stage', 'pr od'], /^--stage pr od is no stage/],
    [['a.yml', 'b.yml'], /^npm run fleet checks one file, not 2: a\.yml, b\.yml\.$/],
  ])('of %j tells what is wrong', (args, sentence) => {
    const { isGood, lines } = command(...args);
    expect(isGood).toBe(false);
    expect(lines[0]).toMatch(sentence);
  });

  it('is a program without a TypeScript loader: its status says whether all is well', () => {
    const run = (...args: string[]) =>
      spawnSync(process.execPath, ['scripts/fleet.mjs', ...args], {
        encoding: 'utf8',
        env: { ...process.env, INIT_CWD: folder },
      });
    const good = run('good.yml');
    expect([good.status, good.stderr]).toEqual([0, '']);
    expect(good.stdout).toMatch(/good\.yml is good: 1 pod in us-west-2\.\n/);
    const bad = run('--stage', 'prod');
    expect([bad.status, bad.stdout]).toEqual([1, '']);
    expect(bad.stderr).toMatch(/^fleet\.yml cannot be deployed\.\n/);
  });
});
