import type { Places } from '../../src/report/page/what-to-do.ts';
import { setting } from './setting.ts';

/** Where people find what stands outside of a page, by the function's environment; addresses that nobody gave are ''. */
export function places(): Places {
  const { RUNBOOK_URL = '', PAGES_URL = '' } = process.env;
  return { stage: setting('STAGE'), runbookUrl: RUNBOOK_URL, pagesUrl: PAGES_URL.replace(/\/+$/, '') };
}
