import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Bench, BUCKET, startBench } from '@podtime/aws-endpoint/testing';
import { ROOT } from '../builders/packaged-service.ts';
import { write } from '../builders/temporary-folder.ts';
import { AWS, awsBeside, expectClean, ran } from '../docs/shell.ts';
import { snippetsOf } from '../docs/snippets.ts';

const PLACE = join(ROOT, '.build/release');
/** Of a stage of its own, so that no release of an operator's is written over. */
const NAME = `podtime-${JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version}-released-us-west-2`;
const FLEET = join(ROOT, 'test/fixtures/infra/complete.yml');

/** osls keeps there what it compiled of serverless.yml's schema, which takes seconds. */
const home = write({});

const released = (...words: string[]) =>
  ran(
    'npm',
    ['run', '--silent', 'release', '--', ...words],
    {
      PATH: process.env.PATH,
      HOME: home,
      SLS_TELEMETRY_DISABLED: '1',
      NO_COLOR: '1',
    },
    ROOT,
  );

const hashOfZip = () =>
  createHash('sha256')
    .update(readFileSync(join(PLACE, `${NAME}.zip`)))
    .digest('hex');

const sh = snippetsOf('release.md').filter(({ language }) => language === 'sh');

describe('npm run release', () => {
  const hashes: string[] = [];
  let bench: Bench | null = null;
  beforeAll(async () => {
    for (const _ of [1, 2]) {
      const { status, stdout, stderr } = await released('--stage', 'released', '--param', `fleet=${FLEET}`);
      if (status !== 0) throw new Error(`${stdout}${stderr}`);
      hashes.push(hashOfZip());
    }
  });
  afterAll(async () => {
    await bench?.close();
    for (const name of existsSync(PLACE) ? readdirSync(PLACE) : [])
      if (name.startsWith(NAME)) rmSync(join(PLACE, name), { recursive: true, force: true });
  });

  it('gives the same bytes twice, and tells their checksum', () => {
    expect(hashes[1]).toBe(hashes[0]);
    expect(readFileSync(join(PLACE, `${NAME}.zip.sha256`), 'utf8')).toBe(`${hashes[0]}  ${NAME}.zip\n`);
  });

  it('lays page, examples, template and bill of materials beside the archives', () => {
    const files = readdirSync(join(PLACE, NAME), { recursive: true, encoding: 'utf8' }).filter(
      (file) => !file.startsWith('functions/'),
    );
    expect(files.toSorted()).toEqual([
      'README.md',
      'SHA256SUMS',
      'examples',
      'examples/main.tf',
      'examples/stack.ts',
      'functions',
      expect.stringMatching(/^podtime-[\d.]+\.cdx\.json$/),
      'template.json',
    ]);
    const bom = JSON.parse(
      readFileSync(join(PLACE, NAME, files.find((file) => file.endsWith('.cdx.json')) ?? ''), 'utf8'),
    );
    expect(bom.metadata).not.toHaveProperty('timestamp');
    expect(bom.components.length).toBeGreaterThan(100);
    const text = readFileSync(join(PLACE, NAME, 'template.json'), 'utf8');
    expect(text).not.toContain(ROOT);
    expect(JSON.stringify(bom)).not.toContain(ROOT);
  });

  it('has examples that name what there is: template, archives, all of its parameters, and what its roles want', () => {
    const template = JSON.parse(readFileSync(join(PLACE, NAME, 'template.json'), 'utf8'));
    const [terraform, cdk] = ['main.tf', 'stack.ts'].map((file) =>
      readFileSync(join(PLACE, NAME, 'examples', file), 'utf8'),
    ) as [string, string];
    const [, inTerraform = ''] = /^ {2}parameters = \{$([\s\S]*?)^ {2}\}$/m.exec(terraform) ?? [];
    const [, inCdk = ''] = /^ {2}parameters: \{$([\s\S]*?)^ {2}\},$/m.exec(cdk) ?? [];
    const given = [inTerraform, inCdk].map((text) => [...text.matchAll(/^ {4}(\w+)/gm)].map(([, name]) => name));
    const parameters = Object.entries<{ Default?: unknown }>(template.Parameters);
    const needed = parameters.flatMap(([name, { Default }]) => (Default === undefined ? [name] : []));
    for (const names of given) {
      expect(names).toEqual(expect.arrayContaining(needed));
      expect(parameters.map(([name]) => name)).toEqual(expect.arrayContaining(names));
    }
    expect(terraform).toMatch(/"\$\{var\.release\}\/template\.json"[\s\S]*aws_s3_object\.template\.key/);
    expect(terraform).toMatch(/fileset\("\$\{var\.release\}\/functions", "\*\.zip"\)/);
    expect(cdk).toContain('/template.json`');
    // a role with a name of its own would want CAPABILITY_NAMED_IAM
    const roles = Object.values<{ Type: string; Properties: { RoleName?: unknown } }>(template.Resources).filter(
      ({ Type }) => Type === 'AWS::IAM::Role',
    );
    const capability = roles.some(({ Properties }) => Properties.RoleName) ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM';
    expect(terraform).toContain(`capabilities = ["${capability}"]`);
  });

  const there = existsSync(AWS);
  if (!there)
    process.stderr.write(
      `skipped: ${AWS} is not installed, so the upload of a release is only checked by shellcheck\n`,
    );
  (there ? it : it.skip)('is checked and uploaded by the steps of its page', async () => {
    bench = await startBench();
    const { url } = bench.endpoint;
    const [upload] = sh.map(({ text }) => text.replace(/^bucket=.*$/m, `bucket=${BUCKET}`));
    const run = await ran('sh', ['-eu', '-c', upload ?? ''], awsBeside(url), join(PLACE, NAME));
    expect({ status: run.status, stderr: run.stderr }).toEqual({ status: 0, stderr: '' });
    for (const archive of readdirSync(join(PLACE, NAME, 'functions'))) {
      const uploaded = bench.endpoint.object(BUCKET, `podtime/${archive}`);
      expect(Buffer.from(uploaded?.body ?? '').equals(readFileSync(join(PLACE, NAME, 'functions', archive)))).toBe(
        true,
      );
    }
  });
});

describe('npm run release refuses', () => {
  it.each([
    [[], 'No stage is named: name the one that is deployed, such as npm run release -- --stage prod.\n'],
    [
      ['--stage', 'dev'],
      'Stage dev is packaged also where ids of AWS are missing: name the one that is deployed, such as npm run release -- --stage prod.\n',
    ],
  ])('%j', async (words, stderr) => {
    expect(await released(...words)).toEqual({ status: 1, stdout: '', stderr });
  });
});

it.each(sh.map(({ line, text }) => [line, text]))('the shell of docs/release.md at line %d is clean', (_, text) => {
  expectClean(`#!/bin/sh\n${text}`);
});

it('the shell of docs/release.md gives the template the parameters that it asks for', () => {
  const text = sh.map((snippet) => snippet.text).join('');
  expect([...text.matchAll(/"(\w+)=\$\w+"/g)].map(([, name]) => name)).toEqual(['CodeBucket', 'CodePrefix']);
  for (const example of ['main.tf', 'stack.ts']) {
    const names = readFileSync(join(ROOT, 'docs/examples', example), 'utf8').match(/\bCode(Bucket|Prefix)\b/g);
    expect(names).toEqual(['CodeBucket', 'CodePrefix']);
  }
});
