import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { withLiteralKeys } from '../../infra/bundle/sdk-schemas.ts';

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
