import { createHash } from 'node:crypto';
import { archiveOf } from '../bundle/archive.ts';
import type { Template } from '../template/cloudformation.ts';
import { type Bom, settledBom } from './sbom.ts';
import { standaloneTemplate } from './template.ts';

/** A release: the files of its folder, by their paths, and all of them as one archive. */
export interface Release {
  /** `podtime-0.1.0-prod-us-west-2` */
  name: string;
  files: Map<string, Uint8Array>;
  zip: Uint8Array;
}

/** What a release is made of. */
export interface ReleaseParts {
  version: string;
  stage: string;
  region: string;
  /** As osls packages it. */
  template: Template;
  /** The bytes of a packaged archive. */
  archive(name: string): Uint8Array;
  bom: Bom;
  /** Pages and examples that go with it as they are, by their paths. */
  pages: Map<string, Uint8Array>;
}

const CHECKSUMS = 'SHA256SUMS';

/** The same parts give the same bytes, on every machine. Decision 0132. */
export function makeRelease(parts: ReleaseParts): Release {
  const name = `podtime-${parts.version}-${parts.stage}-${parts.region}`;
  const { template, archives } = standaloneTemplate(parts.template);
  const files = new Map([
    ...parts.pages,
    ['template.json', jsonOf(template)],
    [`podtime-${parts.version}.cdx.json`, jsonOf(settledBom(parts.bom))],
    ...archives.map((file): [string, Uint8Array] => [`functions/${file}`, parts.archive(file)]),
  ]);
  files.set(CHECKSUMS, checksums(files));
  const inFolder = sorted(files).map(([path, bytes]): [string, Uint8Array] => [`${name}/${path}`, bytes]);
  return { name, files, zip: archiveOf(new Map(inFolder)) };
}

/** As `sha256sum` writes them and `sha256sum --check` reads them, in the order of the paths. */
export function checksums(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const lines = sorted(files).map(([path, bytes]) => `${createHash('sha256').update(bytes).digest('hex')}  ${path}\n`);
  return Buffer.from(lines.join(''));
}

function sorted(files: ReadonlyMap<string, Uint8Array>): [string, Uint8Array][] {
  return [...files].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function jsonOf(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value, null, 1)}\n`);
}
