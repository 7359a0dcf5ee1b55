import { cpus, loadavg, release, totalmem } from 'node:os';

/** One client's way to the new server, seconds from the moment that its record could be resolved; null: not within the bound. */
export interface Run {
  client: string;
  healedSeconds: number | null;
  /** podtime made its daemon resolve its names again. */
  cycled: boolean;
}

export interface Case {
  daemon: 'ntpsec' | 'chrony';
  /** Its chrony knows `refresh`, and its file has it. */
  refreshes: boolean;
  association: 'server' | 'pool';
  podtime: boolean;
  runs: Run[];
}

export interface HealResult {
  cases: Case[];
  /** From that moment to the end of the run: who has not healed by then is shown as later than this. */
  boundSeconds: number;
  /** Of each boundary server, by daemon: from its launch until podtime would call it confident. */
  confident: { daemon: string; seconds: number | null }[];
  minutes: number;
  versions: string[];
  /** What was set otherwise than by default, in sentences. */
  settings: string[];
  date: string;
}

/** The page's part between its marks. */
export function healSection(result: HealResult): string {
  const { cases, boundSeconds, confident, minutes, versions, settings, date } = result;
  const rows = cases.map((each) => {
    const { association, podtime, runs } = each;
    const bounds = [medianOf(each), worstOf(each)].map((value) => shown(value, boundSeconds));
    const every = secondsOf(each)
      .map((value) => shown(value, boundSeconds))
      .join(', ');
    const cells = [daemonOf(each), `\`${association}\``, podtime ? 'with podtime' : 'alone', ...bounds, every];
    return `| ${[...cells, `${cycledOf(each)} of ${runs.length}`].join(' | ')} |`;
  });
  const boots = ['ntpsec', 'chrony'].map((daemon) => {
    const seconds = confident
      .filter((server) => server.daemon === daemon)
      .map((server) => server.seconds ?? Number.POSITIVE_INFINITY);
    const sorted = seconds.toSorted((a, b) => a - b);
    const bounds = [median(sorted), sorted.at(-1) ?? Number.NaN].map((value) => shown(value, minutes * 60));
    return `| ${daemon} | ${seconds.length} | ${bounds.join(' | ')} |`;
  });
  return [
    '## Healing after a boundary server was replaced',
    '',
    `\`npm run bench:heal\` on ${date}, at the daemons' default poll interval (64 s to 1024 s), all cases side by side in one run of`,
    `${minutes} minutes: real daemons in network namespaces, real DNS, the product's own functions and documents.`,
    '',
    'One of two boundary servers is terminated, and a new one under another address, whose daemon runs and is confident',
    'already, is launched in its place. Seconds from the moment that the old one is gone and the new one can be resolved',
    '(by the resolver of the hosts) to the first answer that the client got from the new one, which gives it a reach above 0.',
    `">" is a client that had none when the run ended. Each case has ${cases[0]?.runs.length ?? 0} clients, one run each.`,
    '',
    '| daemon | lines | | median s | worst s | each | cycled |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    ...refreshTable(cases),
    'From the launch of a boundary server until podtime calls it confident:',
    '',
    '| daemon | servers | median s | worst s |',
    '| --- | --- | --- | --- |',
    ...boots,
    '',
    ...settings.map((sentence) => `- ${sentence}`),
    `- Machine: ${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.version}; ${versions.join(', ')}. Its load average when the run ended: ${loadavg()[1]?.toFixed(0)}.`,
  ].join('\n');
}

/** What the README shows of it: daemons that look a name up once, alone and with podtime, by the median of their clients. */
export function healFigures({ cases, boundSeconds, date }: HealResult): string {
  const rows = (['chrony', 'ntpsec'] as const).map((daemon) => {
    const cells = [false, true].map((podtime) => {
      const found = cases.find(
        (each) =>
          each.daemon === daemon && !each.refreshes && each.association === 'server' && each.podtime === podtime,
      );
      const seconds = found ? medianOf(found) : Number.NaN;
      if (Number.isNaN(seconds)) return 'not measured';
      const rounded = Math.round(seconds).toLocaleString('en');
      return Number.isFinite(seconds) ? `${rounded} s` : `never, in ${Math.floor(boundSeconds).toLocaleString('en')} s`;
    });
    return `| ${[daemon, ...cells].join(' | ')} |`;
  });
  return [
    '| a boundary server is replaced: its clients follow the new one after | alone | with podtime |',
    '| --- | --- | --- |',
    ...rows,
    '',
    `Medians of real daemons, measured side by side on ${date} (load average ${loadavg()[1]?.toFixed(0)} on ${cpus().length} cores): [all of it](docs/benchmarks.md).`,
  ].join('\n');
}

/**
 * Of the same heal, chrony with `refresh` beside chrony without: what the medians are to each other, and how many were cycled. Nothing
 * where no chrony had it.
 */
function refreshTable(cases: readonly Case[]): string[] {
  const rows = cases
    .filter(({ refreshes }) => refreshes)
    .flatMap((refreshing) => {
      const { association, podtime } = refreshing;
      const plain = cases.find(
        (each) =>
          each.daemon === 'chrony' && !each.refreshes && each.podtime === podtime && each.association === association,
      );
      if (plain === undefined) return [];
      const ratios = [medianOf, worstOf].map((of) => ratio(of(refreshing), of(plain)));
      const cycled = [refreshing, plain].map((each) => `${cycledOf(each)} of ${each.runs.length}`);
      return `| ${[podtime ? 'with podtime' : 'alone', ...ratios, ...cycled].join(' | ')} |`;
    });
  if (rows.length === 0) return [];
  return [
    'What `refresh` changes, chrony that has it beside chrony that has not (time of the first divided by that of the second):',
    '',
    '| | median | worst | cycled, with `refresh` | cycled, without |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ];
}

const daemonOf = ({ daemon, refreshes }: Case) => (refreshes ? `${daemon}, \`refresh\`` : daemon);

const cycledOf = ({ runs }: Case) => runs.filter(({ cycled }) => cycled).length;

function secondsOf({ runs }: Case): number[] {
  return runs.map(({ healedSeconds }) => healedSeconds ?? Number.POSITIVE_INFINITY).toSorted((a, b) => a - b);
}

const medianOf = (each: Case) => median(secondsOf(each));

const worstOf = (each: Case) => secondsOf(each).at(-1) ?? Number.NaN;

/** `-`: one of the two did not come to its end, or took no time. */
function ratio(a: number, b: number): string {
  return Number.isFinite(a / b) && Number.isFinite(b) ? (a / b).toFixed(2) : '-';
}

export function median(sorted: readonly number[]): number {
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

function shown(seconds: number, boundSeconds: number): string {
  return Number.isFinite(seconds) ? String(Math.round(seconds)) : `> ${Math.floor(boundSeconds)}`;
}

/** Where the README has its figures. */
export const FIGURE_MARKS = ['<!-- healing: written by npm run bench:heal -->', '<!-- /healing -->'] as const;

const MARKS = ['<!-- heal: written by npm run bench:heal -->', '<!-- /heal -->'] as const;

/** The page with its part replaced, or added at its end. */
export function withSection(page: string, section: string, marks: readonly [string, string] = MARKS): string {
  const [begin, end] = marks;
  const part = `${begin}\n${section}\n${end}`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) return `${page.trimEnd()}\n\n${part}\n`.trimStart();
  return page.slice(0, from) + part + page.slice(to + end.length);
}

/** A page that is written anew, with the part that the one before has between these marks. */
export function keepingSection(before: string, page: string, marks: readonly [string, string] = MARKS): string {
  const [from, to] = marks.map((mark) => before.indexOf(mark)) as [number, number];
  if (from < 0 || to < from) return page;
  return withSection(page, before.slice(from + marks[0].length, to).trim(), marks);
}
