import { END } from './layout.ts';
import { type Rendered, seal } from './seal.ts';
import { pathOf, type Target, titleOf } from './target.ts';

/**
 * boot.sh: `script` (src/host, put together at build) with the lines that say for whom it is. Nothing of a request is in it;
 * the host's user data says where the API is.
 * Decision 0013.
 */
export function bootScript(target: Target, script: string): Rendered {
  const { pod, tier, az } = target;
  const head = [
    '#!/bin/sh',
    titleOf(target, 'boot.sh'),
    '#',
    `#   curl -fsS "$API${pathOf(target, 'boot.sh')}" -o /run/podtime-boot.sh && sh /run/podtime-boot.sh "$API"`,
    '#',
    `# API is the base URL of podtime's API, which ends before /${pod.name}; it may also stand in PODTIME_URL.`,
    '',
    `POD='${pod.name}'`,
    `TIER='${tier}'`,
    `AZ='${az}'`,
    `LAST_LINE='${END}'`,
    '',
  ];
  return seal([...head, ...script.trimEnd().split('\n'), END], 2);
}
