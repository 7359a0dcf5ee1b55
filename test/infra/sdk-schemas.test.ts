import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { withLiteralKeys, withoutRepetition } from '../../infra/bundle/sdk-schemas.ts';

describe("the SDK's schemas with literal keys", () => {
  it('say the same', () => {
    const source = ['const _n = "name";', 'const _I = "Id";', 'const shape = [3, _I, { [_n]: "locationName" }, [_n]];'];
    expect(withLiteralKeys(source.join('\n')).split('\n')).toEqual([
      'const _n = "name";',
      'const _I = "Id";',
      'const shape = [3, _I, { "name": "locationName" }, [_n]];',
    ]);
  });

  it('leave a key alone that is no constant of the file', () => {
    expect(withLiteralKeys('const x = { [_n]: 1 };')).toBe('const x = { [_n]: 1 };');
  });

  it("leave EC2's file without a computed key, which is what keeps its shapes in the bundle", () => {
    const main = createRequire(import.meta.url).resolve('@aws-sdk/client-ec2');
    const source = readFileSync(join(dirname(main), '../dist-es/schemas/schemas_0.js'), 'utf8');
    expect(source).toMatch(/\{ \[_\w+\]: /);
    expect(withLiteralKeys(source)).not.toMatch(/\{ \[_\w+\]: /);
  });
});

describe('errors of the SDK', () => {
  const CLIENTS = ['ssm', 's3', 'route-53', 'cloudwatch', 'eventbridge'];

  /** What an instance of each class of the file says of itself. */
  const saidBy = (source: string): [string, string, string, string][] => {
    const names = [...source.matchAll(/^export class (\w+) /gm)].map(([, name]) => name as string);
    const body = source.replace(/^import .*$/gm, '').replaceAll('export class', 'class');
    const base =
      'class __BaseException extends Error { constructor(o) { super(o.message); this.name = o.name; this.$fault = o.$fault; } }';
    const errors: (Error & { $fault: string })[] = new Function(
      `${base}\n${body}\nreturn [${names.map((name) => `new ${name}({ message: 'why' })`).join(', ')}];`,
    )();
    return errors.map((error, at) => [names[at] as string, error.name, error.$fault, error.message]);
  };

  it.each(CLIENTS)('of client-%s say the same when each says it once', (client) => {
    const source = readFileSync(`node_modules/@aws-sdk/client-${client}/dist-es/models/errors.js`, 'utf8');
    const shorter = withoutRepetition(source);
    const errors = saidBy(shorter);
    expect(errors).toEqual(saidBy(source));
    expect(errors.map(([name, itsName]) => itsName === name)).not.toContain(false);
    expect(source.length - shorter.length).toBeGreaterThan(40 * errors.length);
  });
});
