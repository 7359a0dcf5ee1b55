import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { handler } from '../../handlers/config.ts';
import { type Gateway, gateway } from '../handlers/gateway.ts';
import { BootHost, lacking, type Outcome } from './boot-host.ts';
import { CLIENT, NTPSEC_CONF, OLD, SHELLS } from './boot-lab.ts';
import { killable } from './kills.ts';

// boot.sh is ended by SIGKILL after each of its commands, alone or beside another run, and then runs once undisturbed.
// A sample of the commands, by a seed that is in the title; KILLS=all: every one under dash, which takes minutes.

const ALL = process.env.KILLS === 'all';
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
/** KILLS=20: so many of each story. */
const SAMPLE = Number(process.env.KILLS) || 3;
/** Of the other shells, when all are wanted under the first. */
const LARGE_SAMPLE = 40;
const AT_ONCE = 4;
const SLOW_MS = 3_600_000;

const CONF = 'etc/ntpsec/ntp.conf';
const NEW = NTPSEC_CONF.text;
const EDITED = 'server edited.example\n';
const SCRIPT = killable(CLIENT);

interface Story {
  name: string;
  before: string | null;
  /** Whether the daemon starts on podtime's file. */
  starts: boolean;
  /** What somebody writes there after the kill. */
  edit?: string;
  /** Another run begins at the same time as the one that is killed. */
  beside?: true;
  /** What stands there in the end, and beside it. */
  end: { conf: string | null; previous: string | null };
}

const STORIES: Story[] = [
  { name: 'the daemon starts', before: OLD, starts: true, end: { conf: NEW, previous: OLD } },
  { name: 'it refuses the file', before: OLD, starts: false, end: { conf: OLD, previous: null } },
  {
    name: 'it refuses the first file there ever was',
    before: null,
    starts: false,
    end: { conf: null, previous: null },
  },
  {
    name: 'it starts on the first file there ever was',
    before: null,
    starts: true,
    end: { conf: NEW, previous: null },
  },
  {
    name: 'it refuses the file, and somebody edits what stands there',
    before: OLD,
    starts: false,
    edit: EDITED,
    end: { conf: EDITED, previous: null },
  },
  {
    name: 'the daemon starts, beside another run',
    before: OLD,
    starts: true,
    beside: true,
    end: { conf: NEW, previous: OLD },
  },
  {
    name: 'it refuses the file, beside another run',
    before: OLD,
    starts: false,
    beside: true,
    end: { conf: OLD, previous: null },
  },
];

/** `count` of the numbers from 1 to `most`, by the seed (mulberry32). */
function sample(most: number, count: number, salt: number): number[] {
  let state = SEED + salt * 7919;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return [...new Set(Array.from({ length: count }, () => 1 + Math.floor(random() * most)))];
}

/** All of these, some at once. */
async function each(numbers: number[], step: (number: number) => Promise<void>): Promise<void> {
  const left = [...numbers];
  const worker = async () => {
    for (let number = left.shift(); number !== undefined; number = left.shift()) await step(number);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

describe.each(SHELLS)(`boot.sh killed after a command, under %s (SEED=${SEED})`, (shell) => {
  const lacks = lacking(shell);
  const really = lacks === null ? it : it.skip;
  let api: Gateway;
  beforeAll(async () => {
    api = await gateway(() => handler as never);
  });
  afterAll(() => api.close());

  const hostOf = ({ before, starts }: Story): BootHost => {
    const host = new BootHost(shell).daemon('ntpd', 'ntpd ntpsec-1.2.2').write('reads', `${CONF}\n`);
    host.services('service', ['ntpsec'], starts ? null : 'refuses').write('etc/ntpsec/.keep', '');
    return before === null ? host : host.write(CONF, before).write('running/ntpsec', before);
  };
  const run = (host: BootHost, environment: Record<string, string> = {}): Promise<Outcome> =>
    host.run(SCRIPT, [api.url], environment);
  const standing = (host: BootHost) => ({ conf: host.read(CONF), previous: host.read(`${CONF}.previous`) });
  const expectEnd = (host: BootHost, { starts, end }: Story, { status, stderr }: Outcome, context: string) => {
    const files = [
      '.keep',
      ...(end.conf === null ? [] : ['ntp.conf']),
      ...(end.previous === null ? [] : ['ntp.conf.previous']),
    ];
    expect({
      context,
      status: `${status} ${starts ? stderr : ''}`,
      ...standing(host),
      runsOn: host.read('running/ntpsec')?.trimEnd(),
      folder: host.list('etc/ntpsec'),
      state: host.list('var/lib/podtime'),
    }).toEqual({
      context,
      status: `${starts ? 0 : 1} `,
      ...end,
      runsOn: (end.conf ?? '').trimEnd(),
      folder: files,
      state: ['restart.log'],
    });
  };

  describe.each(STORIES)('$name', (story) => {
    really(
      'and the next run ends right',
      async () => {
        const undisturbed = hostOf(story);
        const whole = await run(undisturbed, { COUNT_TO: `${undisturbed.root}/commands` });
        expectEnd(
          undisturbed,
          { ...story, end: { ...story.end, conf: story.edit ? OLD : story.end.conf } },
          whole,
          'no kill',
        );
        const commands = Number(undisturbed.read('commands'));
        undisturbed.remove();
        expect(commands).toBeGreaterThan(150);
        const all = Array.from({ length: commands }, (_, index) => index + 1);
        const some = sample(commands, ALL ? LARGE_SAMPLE : SAMPLE, STORIES.indexOf(story));
        await each(ALL && shell === SHELLS[0] ? all : some, async (number) => {
          const context = `killed after command ${number} of ${commands}`;
          const host = hostOf(story);
          const killed = run(host, { KILL_AFTER: String(number) });
          const beside = story.beside && run(host);
          // beside another it may have found nothing to do, and ended before
          const { status } = await killed;
          if (!story.beside) expect({ context, status }).toEqual({ context, status: null });
          await beside;
          const { conf, previous } = standing(host);
          // what is whole: never a part, never nothing where there was a file
          expect({ context, conf }).toEqual({
            context,
            conf: [story.before, NEW].includes(conf) ? conf : 'something else',
          });
          expect([null, story.before]).toContain(previous);
          if (story.edit) host.write(CONF, story.edit);
          expectEnd(host, story, await run(host), context);
          host.remove();
        });
      },
      SLOW_MS,
    );
  });
});
