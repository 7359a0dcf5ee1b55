import { describe, expect, it } from '@jest/globals';
import { ROOT } from '../../builders/packaged-service.ts';
import { ran } from '../../docs/shell.ts';
import { snippetsOf } from '../../docs/snippets.ts';
import { account, addHost, addPod, DOCS_ZONE, ELSEWHERE, folder, look, ZONE, zoneOf } from './account.ts';

describe('an account', () => {
  it('before the first deploy looks as docs/deploy.md shows it', async () => {
    await account({ zones: [zoneOf({ vpc: ELSEWHERE, soa: undefined })] });
    addPod();
    addHost(14, 'client', 'us-west-2c', { agent: null, profile: null });
    const { status, lines } = await look();
    expect(status).toBe(1);
    const shown = snippetsOf('deploy.md').find(({ text }) => text.startsWith('fleet.yml, stage prod:'))?.text ?? '';
    const printed = lines
      .join('\n')
      .replace(/^\S*fleet\.yml/, 'fleet.yml')
      .replaceAll(ZONE, DOCS_ZONE);
    const parts = shown.trimEnd().split('\n…\n');
    expect(parts).toHaveLength(2);
    expect(printed.startsWith(parts[0] ?? '')).toBe(true);
    expect(printed.endsWith(parts[1] ?? '')).toBe(true);
  });

  it('that is ready is looked at by npm run preflight, which ends with 0, 1 or 2', async () => {
    const bench = await account();
    addPod();
    const environment = { PATH: process.env.PATH, AWS_ENDPOINT_URL: bench.endpoint.url };
    const run = (...words: string[]) => ran('npm', ['run', '--silent', 'preflight', '--', ...words], environment, ROOT);
    const good = await run('--fleet', `${folder}/fleet.yml`, '--stage', 'prod');
    expect([good.status, good.stderr]).toEqual([0, '']);
    expect(good.stdout).toMatch(/\n\n9 things are well:\n[\s\S]+\nNothing stops a deploy\.\n$/);
    const bad = await run('--colour');
    expect([bad.status, bad.stdout]).toEqual([2, '']);
    expect(bad.stderr).toMatch(/^npm run preflight: Unknown option '--colour'\nUsage: /);
  });
});

it.each([
  [['--colour'], "npm run preflight: Unknown option '--colour'"],
  [['--stage', 'a b'], '--stage a b is no stage: it is made of letters, digits and hyphens.'],
  [['--fleet', 'none.yml'], `There is no fleet file ${folder}/none.yml.`],
  [['--region', 'eu-west-1'], `${folder}/fleet.yml has no pod in region eu-west-1; its pods are in us-west-2.`],
  [['--endpoint-url', 'here'], 'here is no URL of an endpoint, such as http://127.0.0.1:4566.'],
])('is called wrongly: %j', async (words, fault) => {
  await account();
  const { status, lines } = await look(...words);
  expect([status, lines[0]]).toEqual([2, fault]);
  expect((await look('--help')).lines[0]).toMatch(/^Usage: npm run preflight/);
});
