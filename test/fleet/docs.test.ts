import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { DRIFT_PPM, POLL_MAX, PROFILE_NAMES, PROFILES } from '../../src/fleet/defaults.ts';
import { leastBoundMs } from '../../src/fleet/poll-checks.ts';
import { FLEET_FILE } from '../../src/fleet/schema.ts';

interface Node {
  properties?: Record<string, Node>;
  additionalProperties?: Node | false;
  items?: Node;
  anyOf?: Node[];
  required?: string[];
  enum?: string[];
  minimum?: number;
  maximum?: number;
  default?: unknown;
}

/** `cycling.floor` -> its schema; pods, lists of groups and groups in a text's place are looked into. */
function settings(node: Node, path: string[] = []): [string, Node, boolean][] {
  return Object.entries(node.properties ?? {}).flatMap(([key, value]): [string, Node, boolean][] => {
    const at = [...path, key];
    const item = value.items ?? value;
    const [short = item] = item.anyOf ?? [];
    const inner = item.anyOf?.find(({ properties }) => properties) ?? item;
    const nested = inner.properties ? settings(inner, at) : [];
    // a list of groups is a setting itself, and so is a text that may be a group; a group is not
    const isSetting = nested.length === 0 || value.items !== undefined || item.anyOf !== undefined;
    const itself: [string, Node, boolean][] = isSetting
      ? [[at.join('.'), value.items ? value : short, node.required?.includes(key) ?? false]]
      : [];
    return [...itself, ...nested];
  });
}

const schema = z.toJSONSchema(FLEET_FILE, { io: 'input' }) as Node;
const pod = schema.properties?.pods?.additionalProperties as Node;
const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'fleet.md'), 'utf8');
const rows = new Map(
  [...page.matchAll(/^\| `([\w.-]+)` \| (.*) \| (.*) \| (.*) \|$/gm)].map(([, name, , takes, byDefault]) => [
    name as string,
    { takes: takes as string, byDefault: byDefault as string },
  ]),
);

describe('docs/fleet.md', () => {
  const all = [...settings(schema), ...settings(pod)];

  it('names every setting, and no other', () => {
    expect([...rows.keys()].toSorted()).toEqual(all.map(([name]) => name).toSorted());
  });

  it.each(all)(
    'tells limits and default of %s',
    (name, { minimum, maximum, enum: values, default: value }, required) => {
      const row = rows.get(name);
      if (maximum !== undefined) expect(row?.takes).toBe(`${minimum} to ${maximum}`);
      if (values !== undefined) {
        expect(row?.takes.replace(/, or a group$/, '')).toBe(values.map((each) => `\`${each}\``).join(', '));
      }
      if (required) expect(row?.byDefault).toBe('required');
      else if (typeof value === 'number') expect(row?.byDefault).toBe(String(value));
      else if (typeof value === 'string' || typeof value === 'boolean') expect(row?.byDefault).toBe(`\`${value}\``);
      else expect(row?.byDefault).toMatch(/^(none|every day|the daemon's|the profile's|the pod's|what is known)/);
    },
  );

  it('tells what each profile sets', () => {
    const profiles = PROFILE_NAMES.map((name) => {
      const { thresholds, pollMax } = PROFILES[name];
      const { offsetMs, timeServiceOffsetMs, errorBoundMs } = thresholds;
      return [name, offsetMs, timeServiceOffsetMs, errorBoundMs, pollMax ?? "the daemon's, 10"].join(' | ');
    });
    for (const row of profiles) expect(page).toContain(`\n| ${row} |`);
  });
});

describe('docs/accuracy.md', () => {
  const accuracy = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'accuracy.md'), 'utf8');
  const profileRows = [...accuracy.matchAll(/^\| `(\w+)` \| (\S+) ms \| (\S+) ms \| (\S+) ms \| (\d+) s \|/gm)];
  const pollRows = [...accuracy.matchAll(/^\| (\d+) \((\d+) s\) \| (\S+) ms \|$/gm)];
  const numbers = (rows: RegExpExecArray[]) => rows.map(([, ...cells]) => cells.map((cell) => Number(cell)));

  it('has the numbers of each profile', () => {
    expect(profileRows.map(([, name]) => name)).toEqual(PROFILE_NAMES);
    expect(numbers(profileRows).map(([, ...cells]) => cells)).toEqual(
      PROFILE_NAMES.map((name) => {
        const { thresholds, pollMax } = PROFILES[name];
        const { offsetMs, timeServiceOffsetMs, errorBoundMs } = thresholds;
        return [offsetMs, timeServiceOffsetMs, errorBoundMs, 2 ** (pollMax ?? POLL_MAX)];
      }),
    );
  });

  it('has the bounds that polls keep', () => {
    expect(numbers(pollRows)).toEqual(
      [4, 6, 8, 10].map((exponent) => [exponent, 2 ** exponent, leastBoundMs(exponent, DRIFT_PPM)]),
    );
  });

  it('names limits that a file may set for what rules ask for', () => {
    const settings = [...accuracy.matchAll(/^\| FINRA.*`thresholds: (\{.*?\})` with `poll: (\{.*?\})`/gm)];
    expect(settings.map(([, thresholds, poll]) => [thresholds, poll])).toEqual([
      ['{ errorBoundMs: 50 }', '{ max: 9 }'],
    ]);
    expect([leastBoundMs(9, DRIFT_PPM) <= 50, leastBoundMs(10, DRIFT_PPM) <= 50]).toEqual([true, false]);
  });
});
