import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { HISTORY } from '../../handlers/invocation/history-payload.ts';
import { read } from '../../handlers/invocation/payload.ts';
import { alarmRules } from '../../infra/monitoring/alarm-rules.ts';
import { schedules } from '../../infra/template/schedules.ts';
import { VERBS } from '../../packages/lab/src/pod/client/verb-list.mjs';
import { alarmName } from '../../src/report/alarms.ts';
import { runbookAnchor } from '../../src/report/runbook.ts';
import { BLUE } from '../builders/blue-pod.ts';
import { FUNCTIONS } from '../builders/functions.ts';
import { pageText } from './snippets.ts';

const PAGE = pageText('runbook.md');
const SECTIONS = [...PAGE.matchAll(/^## ([\w-]+)\n\n([\s\S]*?)(?=^#|$(?![\s\S]))/gm)].map(
  ([, name = '', text = '']) => ({
    name,
    text,
  }),
);

/** With each setting that tells two alarms apart. */
const rules = [0, 1].flatMap((liesLeft) => alarmRules({ ...BLUE, alarms: { ...BLUE.alarms, liesLeft } }));
const OF_PODS = [...new Set(rules.map(({ key }) => runbookAnchor(key)))];
const OTHERS = ['a-pod-in-alarm', 'function-errors', 'function-throttles', 'queue-instances-age'];

describe('docs/runbook.md', () => {
  it('has a section for each alarm, and for none that there is not', () => {
    expect(SECTIONS.map(({ name }) => name).toSorted()).toEqual([...OF_PODS, ...OTHERS].toSorted());
  });

  it.each(SECTIONS)('$name says what it means, what to look at or do, and how it ends', ({ text }) => {
    expect(text).toMatch(/^\*\*Means:\*\* /);
    expect(text).toMatch(/\*\*Look(:\*\*|\*\* and)/);
    expect(text).toMatch(/\*\*(Do:|do)\*\*/i);
    expect(text).toMatch(/\*\*Ends\*\* /);
  });

  it('names functions, parameters and verbs that there are, and payloads that these take', async () => {
    const invoked = [...PAGE.matchAll(/sls invoke --stage prod -f (\w+) -d '([^']*)'/g)];
    expect(invoked.length).toBeGreaterThan(5);
    const schemas = {
      status: (await import('../../handlers/invocation/status-payload.ts')).STATUS,
      collect: (await import('../../handlers/invocation/collect-payload.ts')).COLLECT,
      cycle: (await import('../../handlers/invocation/cycle-payload.ts')).CYCLE,
      watchdog: (await import('../../handlers/invocation/watchdog-payload.ts')).WATCHDOG,
      history: HISTORY,
    };
    for (const [, name = '', payload = ''] of invoked) {
      expect(FUNCTIONS).toContain(name);
      expect(() => read(schemas[name as keyof typeof schemas] as object, JSON.parse(payload))).not.toThrow();
    }
    const logs = [...PAGE.matchAll(/sls logs --stage prod -f (\w+)/g)].map(([, name]) => name);
    expect(logs.length).toBeGreaterThan(2);
    expect(logs.filter((name) => !FUNCTIONS.includes(name ?? ''))).toEqual([]);
    const parameters = [...PAGE.matchAll(/-parameter (?:.* )?--name (\S+?)`?(?=[ \n])/g)].map(([, name]) => name);
    expect(new Set(parameters)).toEqual(new Set(['/podtime/prod/blue/mode', '/podtime/prod/mode']));
    const modes = [...PAGE.matchAll(/mode --value (\w+)/g)].map(([, mode]) => mode);
    expect(new Set(modes)).toEqual(new Set(['hold', 'act']));
    for (const [, verb = ''] of PAGE.matchAll(/npm run pod -- (\w+)/g)) expect(Object.keys(VERBS)).toContain(verb);
  });

  it('types nothing that the test before does not read', () => {
    const known = /npx sls (invoke --stage prod -f \w+ -d '[^']*'|logs --stage prod -f \w+)/g;
    expect(PAGE.match(known)).toHaveLength(PAGE.match(/npx (sls|serverless) /g)?.length ?? 0);
  });

  it('asks the history for a range as it takes one', () => {
    const [, payload = '', instead = ''] =
      /-f history -d '(\{[^']*),"at":"[^"]*"\}'[\s\S]*?`("from":[^`]*)` instead of `at`/.exec(PAGE) ?? [];
    expect(() => read(HISTORY, JSON.parse(`${payload},${instead}}`))).not.toThrow();
    expect(() => read(HISTORY, JSON.parse(`${payload},"at":"2026-11-24T14:03:00Z",${instead}}`))).toThrow();
  });

  it('names the schedule and the alarms as the template does', () => {
    const named = (pattern: RegExp) => [...PAGE.matchAll(pattern)].map(([, name]) => name);
    const { Name } = Object.values(schedules('prod', [BLUE]))[0]?.Properties ?? {};
    expect(named(/scheduler get-schedule --name (\S+)/g)).toEqual([Name]);
    expect(named(/--alarm-name-prefix (\S+)/g)).toEqual([alarmName('prod', 'blue', '')]);
  });

  it('names all units of daemons that podtime knows, and the script that the deployment puts on hosts', () => {
    const daemons = readFileSync(join(import.meta.dirname, '../../src/host/daemon.sh'), 'utf8');
    const known = [...daemons.matchAll(/^\w+_SERVICES='?([\w -]+)'?$/gm)].flatMap(([, names = '']) => names.split(' '));
    expect(known.length).toBeGreaterThan(5);
    const units = /A daemon's unit is one of ([^:]*):/.exec(PAGE)?.[1] ?? '';
    expect([...units.matchAll(/`([\w-]+)`/g)].map(([, unit = '']) => unit).toSorted()).toEqual(known.toSorted());
    for (const [, unit = ''] of PAGE.matchAll(/systemctl \w+ ([\w-]+)/g)) expect([...known, 'UNIT']).toContain(unit);
    const script = /commands=\["([^"]+)"\]/.exec(PAGE)?.[1] ?? '';
    expect(pageText('deploy.md')).toContain(`path: ${script}\n`);
  });
});

describe('docs/alarms.md', () => {
  it('links to each section of the runbook', () => {
    const linked = [...pageText('alarms.md').matchAll(/\]\(runbook\.md#([\w-]+)\)/g)].map(([, anchor]) => anchor);
    expect([...new Set(linked)].toSorted()).toEqual(SECTIONS.map(({ name }) => name).toSorted());
  });
});
