import { ntsRefusal } from './nts.ts';
import type { Target } from './target.ts';
import { togetherRefusal } from './together.ts';
import type { Version } from './versions.ts';

/** Why a host gets no such file, though it is one of `FILES`: its daemon, or this version of it, cannot do as fleet.yml says; a sentence. null: it can. */
export function fileRefusal(file: string, target: Target, version: Version): string | null {
  return ntsRefusal(file, target, version) ?? togetherRefusal(file, target, version);
}
