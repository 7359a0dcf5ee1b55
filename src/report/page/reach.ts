import { heardOfLast8, REACH_POLLS } from '../../ntp/reach.ts';
import { type Html, html } from './html.ts';

/** The reach register as eight cells, the newest poll at the right, as `ntpq` shifts it. */
export function reachCells(register: number | undefined): Html {
  if (register === undefined || register < 0 || register > 255) return html`<span class="dim">not told</span>`;
  const heard = heardOfLast8(register);
  const label = `Reach ${register.toString(8)}: heard ${heard} of the last ${REACH_POLLS} polls`;
  const cells = Array.from({ length: REACH_POLLS }, (_, poll) =>
    (register >> (REACH_POLLS - 1 - poll)) & 1 ? html`<b></b>` : html`<i></i>`,
  );
  return html`<span class="reach" role="img" aria-label="${label}">${cells}</span>`;
}
