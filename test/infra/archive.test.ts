import { describe, expect, it } from '@jest/globals';
import { strFromU8, strToU8, unzipSync } from 'fflate';
import { archive, archiveName } from '../../infra/bundle/archive.ts';

const CODE = strToU8('export const handler = () => 1;');

describe("a function's archive", () => {
  it('holds the bundle and nothing else', () => {
    const files = unzipSync(archive('handlers/config.mjs', CODE));
    expect(Object.entries(files).map(([path, content]) => [path, strFromU8(content)])).toEqual([
      ['handlers/config.mjs', 'export const handler = () => 1;'],
    ]);
  });

  it('is the same bytes at another time, in another time zone', () => {
    const before = archive('handlers/config.mjs', CODE);
    const zone = process.env.TZ;
    try {
      process.env.TZ = 'Pacific/Kiritimati';
      expect(archive('handlers/config.mjs', CODE)).toEqual(before);
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });

  it('has another name for other code, so that CloudFormation sees it, and the same for the same', () => {
    const nameOf = (code: string) => archiveName('config', archive('handlers/config.mjs', strToU8(code)));
    expect(nameOf('1')).toMatch(/^config-[0-9a-f]{12}\.zip$/);
    expect(nameOf('1')).toBe(nameOf('1'));
    expect(nameOf('1')).not.toBe(nameOf('2'));
  });
});
