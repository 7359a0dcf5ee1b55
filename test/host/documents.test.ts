import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DOCUMENT_NAMES, ssmDocument } from '../../infra/template/documents.ts';
import { CYCLE_PARAMETERS, cycleParameters } from '../../src/host/parameters.ts';
import { joinScript } from '../../src/host/scripts.ts';
import { anyText } from '../builders/any-text.ts';
import { interpolated, SHELL_NAMES, SHELLS, wholeScript } from './host.ts';
import { whereIs } from './programs.ts';

/** The agent holds the pattern alone, and searches. */
function admits(name: keyof typeof CYCLE_PARAMETERS, value: string): boolean {
  return new RegExp(CYCLE_PARAMETERS[name].allowedPattern).test(value);
}

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
  it('joins the parts in order', () => {
    expect(joinScript('collect', (file) => `# ${file}\n\n`)).toBe(
      '# daemon.sh\n\n# process.sh\n\n# running.sh\n\n# config.sh\n\n# collect.sh\n',
    );
  });

  it('refuses a script with a part missing, and one that SSM would read parameters into', () => {
    expect(() => ssmDocument('cycle', '# cycle.sh: alone\n')).toThrow(
      'The script of cycle lacks daemon.sh, process.sh, running.sh, config.sh, staleness.sh, lock.sh, cycle.sh: join it by joinScript',
    );
    expect(() => ssmDocument('collect', `${wholeScript('collect')}echo {{ Zone }}\n`)).toThrow('holds "{{"');
  });
});

describe('what the parameters of cycle admit', () => {
  it('is what podtime sends', () => {
    const sent = cycleParameters({
      records: 'az-a=10.0.1.5|fd00::5 az-g=10.0.2.5',
      zone: 'pod',
      force: true,
      coolDownSeconds: 600,
      waveId: '5eed00000001-client',
    });
    expect(sent).toEqual({
      Records: ['az-a=10.0.1.5|fd00::5 az-g=10.0.2.5'],
      Zone: ['pod'],
      Force: ['yes'],
      CoolDownSeconds: ['600'],
      Wave: ['5eed00000001-client'],
    });
    expect(Object.keys(sent)).toEqual(Object.keys(CYCLE_PARAMETERS));
  });

  it.each<[keyof typeof CYCLE_PARAMETERS, string[]]>([
    ['Records', ['', 'az-a=10.0.1.5', 'az-b=10.0.1.5|fd00::5 az-c=fd12:3456:789a:bcde:f012:3456:789a:bc01']],
    ['Zone', ['pod', 'pod.example.com', 'a', '10.in-addr.arpa', 'x'.repeat(253)]],
    ['Force', ['yes', 'no']],
    ['CoolDownSeconds', ['0', '600', '86400']],
    ['Wave', ['5eed00000001-client', '5eed00000001-boundary', 'x', '0'.repeat(40)]],
  ])('%s: all of these', (name, values) => {
    expect(values.filter((value) => !admits(name, value))).toEqual([]);
  });

  const HOSTILE = [
    "'",
    "'; id; '",
    '$(id)',
    '`id`',
    'a\nb',
    'a;b',
    'a&b',
    'a>b',
    'a\\',
    '"',
    '{{ Zone }}',
    '*',
    '~',
    'a\u0000',
    'É',
  ];

  it.each<[keyof typeof CYCLE_PARAMETERS, string[]]>([
    [
      'Records',
      [
        ...HOSTILE,
        ...HOSTILE.map((text) => `az-a=10.0.1.5${text}`),
        'az-a=',
        'az-A=10.0.1.5',
        ' az-a=10.0.1.5',
        'az-a=10.0.1.5 ',
      ],
    ],
    ['Zone', [...HOSTILE, '', 'Pod', 'pod.', '.pod', '-pod', 'p od', 'x'.repeat(254)]],
    ['Force', [...HOSTILE, '', 'YES', 'yes ', 'true']],
    ['CoolDownSeconds', [...HOSTILE, '', '-1', '0600', '6e2', '600 ', '1000000']],
    ['Wave', [...HOSTILE, '', '-1', 'A', 'a b', 'x'.repeat(41)]],
  ])('%s: none of these', (name, values) => {
    expect(values.filter((value) => admits(name, value))).toEqual([]);
  });

  it('never ends a single-quoted string', () => {
    const names = Object.keys(CYCLE_PARAMETERS) as (keyof typeof CYCLE_PARAMETERS)[];
    fc.assert(
      fc.property(fc.constantFrom(...names), anyText(), fc.nat(12), (name, noise, at) => {
        const good = { Records: 'az-a=10.0.1.5', Zone: 'pod', Force: 'yes', CoolDownSeconds: '600', Wave: 'a-1' }[name];
        const value = good.slice(0, at) + noise + good.slice(at);
        return !admits(name, value) || /^[a-z0-9.:=| -]*$/.test(value);
      }),
      { numRuns: 5_000 },
    );
  });
});
