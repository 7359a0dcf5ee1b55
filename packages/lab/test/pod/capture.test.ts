import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readCapture } from '../../src/pod/client/capture.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'captures-'));
  mkdirSync(join(folder, 'deep'));
  writeFileSync(join(folder, 'deep', 'a.pn'), 'remote refid\n');
  writeFileSync(join(folder, 'blank'), ' \n\n');
  writeFileSync(join(folder, 'huge'), 'x'.repeat(100_001));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a captured output', () => {
  it('is read from the folder that the operator stands in', () => {
    expect(readCapture('a.pn', join(folder, 'deep'))).toBe('remote refid\n');
    expect(readCapture('../deep/a.pn', join(folder, 'deep'))).toBe('remote refid\n');
    expect(readCapture(join(folder, 'deep', 'a.pn'), '/')).toBe('remote refid\n');
  });

  it.each([
    ['none', /^none cannot be read: there is no such file \(looked for it at .*\/captures-\w+\/none\)\.$/],
    ['deep', /^deep cannot be read: it is a folder\.$/],
    ['/dev/zero', /^\/dev\/zero cannot be read: it is no file\.$/],
    ['blank', /^blank is empty: a host cannot answer with that\.$/],
    ['huge', /^huge has 100001 bytes, which is no captured output: at most 100000 are taken\.$/],
  ])('that is none gets a sentence: %s', (file, sentence) => {
    expect(() => readCapture(file, folder)).toThrow(sentence);
  });
});
