import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ssmDocument } from '../../infra/template/documents.ts';
import { looseness } from '../../infra/template/parameter-patterns.ts';
import { CYCLE_PARAMETERS, cycleParameters } from '../../src/host/parameters.ts';
import { anyText } from '../builders/any-text.ts';
import { runs } from '../builders/property-runs.ts';
import { write } from '../builders/temporary-folder.ts';
import { SHELLS, wholeScript } from './host.ts';
import { whereIs } from './programs.ts';

type Name = keyof typeof CYCLE_PARAMETERS;

const NAMES = Object.keys(CYCLE_PARAMETERS) as Name[];
const GOOD: Record<Name, string> = {
  Records: 'az-a=10.0.1.5|fd00::5 az-b=10.0.2.5',
  Zone: 'pod.example',
  Force: 'yes',
  CoolDownSeconds: '600',
  Wave: '5eed00000001-client',
};

/** What a value may hold to get out of its quotes, its line, its variable or SSM's own language. */
const HOSTILE = [
  "'",
  "'; touch F; '",
  '"; touch F; "',
  '"',
  '$(touch F)',
  '$IFS',
  '$$',
  '$',
  '`touch F`',
  '\n',
  '\r',
  '\r\n',
  '\ntouch F\n',
  '\u0000',
  '\t',
  '\\',
  "\\'",
  ';touch F',
  '&touch F',
  '|touch F;',
  '>F',
  '<F',
  '*',
  '~',
  '!',
  '#',
  '{{ Zone }}',
  '{{ssm:x}}',
  '{{ ssm:/podtime/x }}',
  '{{global:DATE}}',
  '\u00e9',
  '\u0131',
  '\u017f',
  '\u202e',
  '\u2028',
  '\u0085',
  '\u001b[2J',
  '\ud800',
];

/** At either end, in the middle, and alone. */
const around = (good: string, hostile: string) => [
  hostile,
  `${good}${hostile}`,
  `${hostile}${good}`,
  `${good.slice(0, 1)}${hostile}${good.slice(1)}`,
];

/** What a parameter of AWS's Parameter Store holds that a stranger wrote. */
const STORED = "'; touch F; '";

/**
 * What SSM's agent makes of a document, in its own order (amazon-ssm-agent, docparser and parameters): a value that is not given is
 * the default, `{{ssm:…}}` is resolved, the pattern is searched for and nothing else is held, then the value replaces
 * `{{ Name }}` as text, in which `$$` is `$`. null: the agent refuses.
 */
function agentsScript(lines: readonly string[], given: Partial<Record<Name, string>>): string | null {
  let script = lines.join('\n');
  for (const name of NAMES) {
    const parameter = CYCLE_PARAMETERS[name];
    const value = (given[name] ?? ('default' in parameter ? parameter.default : '')).replaceAll(
      /\{\{\s*ssm:[^}]*\}\}/g,
      () => STORED,
    );
    if (!new RegExp(parameter.allowedPattern).test(value)) return null;
    script = script.replaceAll(`{{ ${name} }}`, () => value.replaceAll('$$', () => '$'));
  }
  return script;
}

const admits = (name: Name, value: string) => agentsScript([], { ...GOOD, [name]: value }) !== null;

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
    const calm = cycleParameters({ records: '', zone: 'pod', force: false, coolDownSeconds: 0, waveId: 'w' });
    expect(calm).toEqual({ Records: [''], Zone: ['pod'], Force: ['no'], CoolDownSeconds: ['0'], Wave: ['w'] });
  });

  it.each<[Name, string[]]>([
    ['Records', ['', 'az-a=10.0.1.5', 'az-b=10.0.1.5|fd00::5 az-c=fd12:3456:789a:bcde:f012:3456:789a:bc01']],
    ['Zone', ['pod', 'pod.example.com', 'a', '10.in-addr.arpa', 'x'.repeat(253)]],
    ['Force', ['yes', 'no']],
    ['CoolDownSeconds', ['0', '600', '86400']],
    ['Wave', ['5eed00000001-client', '5eed00000001-boundary', 'x', '0'.repeat(40)]],
  ])('%s: all of these', (name, values) => {
    expect(values.filter((value) => !admits(name, value))).toEqual([]);
  });

  it.each<[Name, string[]]>([
    ['Records', ['az-a=', 'az-A=10.0.1.5', ' az-a=10.0.1.5', 'az-a=10.0.1.5 ', 'az-a=10.0.1.5  az-b=10.0.2.5']],
    ['Zone', ['', 'Pod', 'pod.', '.pod', '-pod', 'p od', 'x'.repeat(254)]],
    ['Force', ['', 'YES', 'yes ', 'true', 'noyes', 'no|yes']],
    ['CoolDownSeconds', ['', '-1', '0600', '6e2', '600 ', '1000000']],
    ['Wave', ['', '-1', 'A', 'a b', 'x'.repeat(41)]],
  ])('%s: none of these', (name, values) => {
    expect(values.filter((value) => admits(name, value))).toEqual([]);
  });

  it.each(NAMES)('%s: nothing hostile', (name) => {
    const values = HOSTILE.flatMap((hostile) => around(GOOD[name], hostile));
    expect(values.filter((value) => admits(name, value))).toEqual([]);
  });

  it('nothing but letters, digits and a little punctuation', () => {
    fc.assert(
      fc.property(fc.constantFrom(...NAMES), anyText(), fc.nat(12), (name, noise, at) => {
        const value = GOOD[name].slice(0, at) + noise + GOOD[name].slice(at);
        return !admits(name, value) || /^[a-z0-9.:=| -]*$/.test(value);
      }),
      runs(5_000),
    );
  });
});

describe.each(SHELLS)('what the agent runs under %s', (shell) => {
  const folder = write({});
  const prologue = ssmDocument('cycle', wholeScript('cycle')).mainSteps[0].inputs.runCommand.slice(0, NAMES.length + 1);
  const variables = ['RECORDS', 'ZONE', 'FORCE', 'COOL_DOWN_SECONDS', 'WAVE'].map((word) => `"$PODTIME_${word}"`);
  const printing = `printf '%s\\n' ${variables.join(' ')}`;
  const run = (script: string) => {
    writeFileSync(join(folder, 'script'), script);
    return spawnSync(whereIs(shell) ?? shell, [...(shell === 'busybox' ? ['sh'] : []), './script'], {
      cwd: folder,
      encoding: 'utf8',
    });
  };

  it('gets the values as they were sent', () => {
    const script = agentsScript([...prologue, printing], GOOD) ?? '';
    expect(run(script)).toMatchObject({ stdout: `${Object.values(GOOD).join('\n')}\n`, stderr: '', status: 0 });
  });

  it('touches nothing, whatever was sent', () => {
    for (const name of NAMES)
      for (const value of HOSTILE.flatMap((hostile) => around(GOOD[name], hostile))) {
        const script = agentsScript([...prologue, printing], { ...GOOD, [name]: value });
        if (script !== null) run(script);
      }
    expect(existsSync(join(folder, 'F'))).toBe(false);
  });

  it('would touch a file, were it not for the patterns', () => {
    run(prologue.join('\n').replace('{{ Force }}', "no'; touch F; '"));
    expect(existsSync(join(folder, 'F'))).toBe(true);
  });
});

describe('the build', () => {
  it.each<[string, string | undefined, string]>([
    ['no pattern', undefined, 'has no allowedPattern'],
    ['no anchor', 'no|yes', 'has a pattern that is not anchored: ^…$'],
    ['no anchor at the end', '^[a-z]*', 'has a pattern that is not anchored: ^…$'],
    ['anchors on a branch each', '^no|yes$', 'has a pattern with an alternative beside its anchors'],
    ['any character', '^.*$', 'has a pattern with "." outside a class'],
    ['any but some', '^[^a]*$', 'has a pattern that admits "\\""'],
    ['a range over quotes', '^[ -~]*$', 'has a pattern that admits "\\""'],
    ['a quote', "^[a-z']*$", 'has a pattern that admits "\'"'],
    ['a literal quote', "^a'$", 'has a pattern with "\'" outside a class'],
    ['an escape', '^\\S*$', 'has a pattern with "\\\\" outside a class'],
    ['blanks of any kind', '^[\\s]*$', 'has a pattern that admits "\\n"'],
    ['an anchor within', '^a$|^b$', 'has a pattern with "$" outside a class'],
  ])('refuses a parameter with %s', (_, allowedPattern, fault) => {
    expect(looseness(allowedPattern)).toBe(fault);
    const definition = {
      description: '',
      timeoutSeconds: 60,
      parameters: { Word: { type: 'String', description: '', allowedPattern: allowedPattern as string } },
    } as const;
    expect(() => ssmDocument('collect', wholeScript('collect'), definition)).toThrow(
      `The parameter Word of the document collect ${fault}`,
    );
  });

  it.each(NAMES)('takes the pattern of %s', (name) => {
    expect(looseness(CYCLE_PARAMETERS[name].allowedPattern)).toBeNull();
  });
});
