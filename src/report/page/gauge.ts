import { scaleSymlog } from 'd3-scale';
import type { Thresholds } from '../../fleet/fleet.ts';
import type { HostReport } from '../report.ts';
import { type Html, html } from './html.ts';
import { shortMs } from './words.ts';

const WIDTH = 300;
const HEIGHT = 46;
const MIDDLE = 18;

/**
 * Offset and error bound of one clock on a scale that shows microseconds beside the limit: the clock is somewhere on the bar, most likely
 * at the dot; the shaded room is what is allowed. Empty where no offset is known.
 */
export function gauge({ offsetMs, errorBoundMs }: HostReport['measures'], limits: Thresholds): Html | null {
  if (offsetMs === undefined) return null;
  const farthest = Math.max(limits.offsetMs, limits.errorBoundMs) * 4;
  const x = scaleSymlog([-farthest, farthest], [4, WIDTH - 4])
    .constant(limits.offsetMs / 40)
    .clamp(true);
  const at = (ms: number) => Math.round(x(ms) * 10) / 10;
  // the bound is what zero may be off by; what is left of it beside the offset is the offset's own doubt
  const doubtMs = Math.max(0, (errorBoundMs ?? 0) - Math.abs(offsetMs));
  const [from, to] = [at(offsetMs - doubtMs), at(offsetMs + doubtMs)];
  const isOver =
    Math.abs(offsetMs) > limits.offsetMs || (errorBoundMs !== undefined && errorBoundMs > limits.errorBoundMs);
  const bound = errorBoundMs === undefined ? 'its bound is not known' : `at most ${shortMs(errorBoundMs)} wrong`;
  const label = `Offset ${shortMs(offsetMs, true)} (limit ${shortMs(limits.offsetMs)}), ${bound} (limit ${shortMs(limits.errorBoundMs)})`;
  const [low, high] = [at(-limits.offsetMs), at(limits.offsetMs)];
  const tick = (ms: number, name: string) => html`<text x="${at(ms)}" y="43" text-anchor="middle">${name}</text>`;
  const boundMark = (ms: number) => html`<path class="limit far" d="M${at(ms)} 8V28"/>`;
  return html`<svg class="gauge" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">
<rect class="room" x="${low}" y="6" width="${Math.round((high - low) * 10) / 10}" height="24"/>
<path class="axis" d="M4 ${MIDDLE}H${WIDTH - 4}M${at(0)} 4V32"/>
<path class="limit" d="M${low} 4V32M${high} 4V32"/>${boundMark(-limits.errorBoundMs)}${boundMark(limits.errorBoundMs)}
<path class="doubt${isOver && ' over'}" d="M${from} ${MIDDLE}H${to}M${from} 13V23M${to} 13V23"/>
<circle class="dot${isOver && ' over'}" cx="${at(offsetMs)}" cy="${MIDDLE}" r="5"/>
${tick(-limits.offsetMs, shortMs(-limits.offsetMs))}${tick(0, '0')}${tick(limits.offsetMs, `+${shortMs(limits.offsetMs)}`)}
</svg>`;
}
