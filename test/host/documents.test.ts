import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { DOCUMENT_NAMES, ssmDocument } from '../../infra/template/documents.ts';
import { joinScript } from '../../src/host/scripts.ts';
import { interpolated, SHELL_NAMES, SHELLS, wholeScript } from './host.ts';
import { whereIs } from './programs.ts';

describe.each(DOCUMENT_NAMES)('the document %s', (name) => {
  const document = ssmDocument(name, wholeScript(name));
  const lines = document.mainSteps[0].inputs.runCommand;

  it('is of schema 2.2: one shell step, for Linux, with a timeout of its own', () => {
    expect(Object.keys(document)).toEqual(['schemaVersion', 'description', 'parameters', 'mainSteps']);
    expect(document).toMatchObject({
      schemaVersion: '2.2',
      mainSteps: [
        {
          action: 'aws:runShellScript',
          name,
          precondition: { StringEquals: ['platformType', 'Linux'] },
          inputs: { timeoutSeconds: expect.stringMatching(/^[1-9]\d{1,2}$/) },
        },
      ],
    });
    expect(lines.every((line) => !line.includes('\n'))).toBe(true);
    // the service's limit for a document's content
    expect(Buffer.byteLength(JSON.stringify(document))).toBeLessThan(64 * 1024);
  });

  it('declares every parameter that it interpolates, each with an anchored pattern and once, in single quotes', () => {
    const used = lines.flatMap((line) =>
      [...line.matchAll(/\{\{(.*?)\}\}/g)].map(([, inner]) => ({ line, name: inner?.trim() ?? '' })),
    );
    expect(used.map((each) => each.name)).toEqual(Object.keys(document.parameters));
    for (const each of used) expect(each.line).toMatch(/^PODTIME_[A-Z_]+='\{\{ \w+ \}\}'$/);
    for (const parameter of Object.values(document.parameters)) {
      expect(Object.keys(parameter)).toEqual(expect.arrayContaining(['type', 'description']));
      expect(parameter.allowedPattern).toMatch(/^\^.*\$$/);
    }
    expect(lines.join('\n').split('{{')).toHaveLength(used.length + 1);
  });

  it('assigns only what its script reads', () => {
    const script = wholeScript(name);
    for (const line of lines.filter((each) => each.includes('{{'))) {
      const variable = line.slice(0, line.indexOf('='));
      expect(script).toContain(`\${${variable}:-`);
    }
  });

  it('passes shellcheck without a word', () => {
    const shellcheck = whereIs('shellcheck');
    if (shellcheck === null && process.env.CI === undefined) return;
    const { stdout, status } = spawnSync(shellcheck ?? 'shellcheck', ['--shell=sh', '--severity=style', '-'], {
      input: interpolated(name, {}),
      encoding: 'utf8',
    });
    expect({ stdout, status }).toEqual({ stdout: '', status: 0 });
  });

  it.each(SHELLS)('is read by %s', (shell) => {
    const { stderr, status } = spawnSync(whereIs(shell) ?? shell, [...(shell === 'busybox' ? ['sh'] : []), '-n'], {
      input: interpolated(name, {}),
      encoding: 'utf8',
    });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  });
});

it('finds every shell on the machine that counts', () => {
  if (process.env.CI === undefined) expect(SHELLS).not.toEqual([]);
  else expect(SHELLS).toEqual(SHELL_NAMES);
});

describe('composing', () => {
  it.each([
    ['boot', 'daemon process installed lock fetch check drift install nts-names certificates boot'],
    [
      'collect',
      'daemon process running others config clock leap-file nts-names authentication printed shorten collect',
    ],
    ['cycle', 'daemon process running others config staleness lock remembered cycle'],
  ] as const)('joins the parts of %s in order, a blank line between them', (name, parts) => {
    const heads = parts.split(' ').map((part) => `# ${part}.sh\n`);
    expect(joinScript(name, (file) => `# ${file}\n\n`)).toBe(heads.join('\n'));
  });

  it('refuses a script with a part missing, and one that SSM would read parameters into', () => {
    expect(() => ssmDocument('cycle', '# cycle.sh: alone\n')).toThrow(
      'The script of cycle lacks daemon.sh, process.sh, running.sh, others.sh, config.sh, staleness.sh, lock.sh, remembered.sh, cycle.sh: join it by joinScript',
    );
    expect(() => ssmDocument('collect', `${wholeScript('collect')}echo {{ Zone }}\n`)).toThrow('holds "{{"');
  });
});
