import { renderServed, type ServedFile } from '../../src/config/files.ts';
import type { Rendered } from '../../src/config/seal.ts';
import type { Target } from '../../src/config/target.ts';
import type { Version } from '../../src/config/versions.ts';
import bootText from './boot-script.ts';

/** Any file as the API serves it. */
export function served(file: ServedFile, target: Target, version?: Version): Rendered {
  return renderServed(file, target, bootText, version);
}
