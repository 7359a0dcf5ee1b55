import type { ExtraDaemon, Pod } from '../fleet/fleet.ts';
import type { Block } from './layout.ts';

/** Last, so that a table of TOML takes nothing of podtime's with it. Decision 0094. */
export function extraLines({ extra }: Pod, daemon: ExtraDaemon): Block {
  return {
    why: "The operator's own lines, by extra in the fleet file: podtime does not know what they do.",
    lines: [...extra[daemon]],
  };
}
