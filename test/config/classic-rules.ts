import ipaddr from 'ipaddr.js';

/**
 * What is known of the classic ntpd's configuration (4.2.8) from running it, as rules over a file: no classic ntpd is
 * packaged any more, so its files cannot be tried on one here.
 */
export interface Expectations {
  tier: 'boundary' | 'client';
  networks: string[];
}

type Statement = string[];

interface Rule {
  /** What ntpd does to a file that breaks it. */
  because: string;
  broken(statements: Statement[], expected: Expectations): boolean;
}

/** Every keyword that a file may use, with the shape of what follows it. */
const SHAPES: Record<string, RegExp> = {
  driftfile: /^\/var\/lib\/ntp\/\S+$/,
  logconfig: /^=\w+( \+\w+)*$/,
  restrict:
    /^((-6 )?default ignore|source( \w+)+|(127\.0\.0\.1|::1)|[0-9.]+ mask [0-9.]+( \w+)+|[0-9a-f:]+ mask [0-9a-f:]+( \w+)+)$/,
  interface: /^(ignore all|listen (lo|[0-9a-f.:]+\/\d+))$/,
  disable: /^monitor$/,
  tinker: /^panic \d+( step [\d.]+)?$/,
  tos: /^maxclock \d+$/,
  server: /^\S+ iburst( noselect)?( minpoll \d+)?( maxpoll \d+)?$/,
  pool: /^\S+ iburst( minpoll \d+)?( maxpoll \d+)?$/,
};

const FLAGS = new Set(['ignore', 'nomodify', 'notrap', 'nopeer', 'noquery']);

export const RULES: Record<string, Rule> = {
  'every line is one that ntpd parses': {
    because: 'ntpd goes on after a line that it does not understand, without what that line meant to say',
    broken: (statements) => statements.some(([keyword = '', ...rest]) => !SHAPES[keyword]?.test(rest.join(' '))),
  },
  'restrict flags are flags': {
    because: 'an unknown flag is a syntax error of the whole line',
    broken: (statements) => restricts(statements).some(({ flags }) => flags.some((flag) => !FLAGS.has(flag))),
  },
  'restrict -6 stands before default': {
    because: '`restrict default -6 ignore` is a syntax error at its third word',
    broken: (statements) => restricts(statements).some(({ words }) => words.indexOf('-6') > 0),
  },
  'strangers are ignored in both families': {
    because: 'a boundary server answers only its VPC',
    broken: (statements) => !['default ignore', '-6 default ignore'].every((line) => has(statements, 'restrict', line)),
  },
  'this host may do everything, over both families': {
    because: 'ntpq of the host itself would time out',
    broken: (statements) => !['127.0.0.1', '::1'].every((line) => has(statements, 'restrict', line)),
  },
  'IPv6 networks are restricted without -6': {
    because: 'classic ntpd refuses `restrict -6 ADDRESS mask MASK`',
    broken: (statements) => restricts(statements).some(({ words }) => words[0] === '-6' && words.includes('mask')),
  },
  'answers of sources are admitted, without administration': {
    because: 'under `restrict default ignore` the answers of every server whose name resolves later are dropped',
    broken: (statements) => {
      const flags = restricts(statements).find(({ words }) => words[0] === 'source')?.flags;
      return (
        !flags || flags.includes('ignore') || !['nomodify', 'notrap', 'noquery'].every((flag) => flags.includes(flag))
      );
    },
  },
  'restrict source has no nopeer': {
    because: 'it would keep pool lines from taking servers on',
    broken: (statements) =>
      restricts(statements).some(({ words, flags }) => words[0] === 'source' && flags.includes('nopeer')),
  },
  "a boundary server admits the pod's networks and no others, a client none": {
    because: 'a network left out gets no time; one too many are strangers',
    broken: (statements, { tier, networks }) => {
      const admitted = restricts(statements).flatMap(({ words }) => (words.includes('mask') ? [cidrOf(words)] : []));
      return admitted.join() !== (tier === 'boundary' ? networks : []).join();
    },
  },
  'networks may ask for the time only': {
    because: 'administration is for the host itself',
    broken: (statements) =>
      restricts(statements).some(
        ({ words, flags }) => words.includes('mask') && flags.join() !== 'nomodify,notrap,nopeer,noquery',
      ),
  },
  'logconfig sets once and then adds': {
    because: 'each = replaces all before it: `=clockall =peerall =sysall =syncall` logs nothing of the first three',
    broken: (statements) => {
      const settings = statements.filter(([keyword]) => keyword === 'logconfig').map(([, ...words]) => words.join(' '));
      return settings.join() !== '=syncall +clockall +peerall +sysall';
    },
  },
  'it listens by network, and first of all nowhere': {
    because: 'primary interfaces are called eth0 or ens5; without `ignore all` the others stay open',
    broken: (statements, { networks }) => {
      const listening = statements
        .filter(([keyword]) => keyword === 'interface')
        .map(([, ...words]) => words.join(' '));
      return listening.join() !== ['ignore all', 'listen lo', ...networks.map((cidr) => `listen ${cidr}`)].join();
    },
  },
  'monitoring is off': {
    because: 'CVE-2013-5211: its list of callers amplifies attacks',
    broken: (statements) => !has(statements, 'disable', 'monitor'),
  },
  'every source has iburst': {
    because: 'the first answer would take minutes',
    broken: (statements) => {
      const sources = statements.filter(([keyword]) => keyword === 'server' || keyword === 'pool');
      return sources.length === 0 || sources.some((words) => !words.includes('iburst'));
    },
  },
  'no source stands twice': {
    because: 'its vote would count twice',
    broken: (statements) => {
      const hosts = statements
        .filter(([keyword]) => keyword === 'server' || keyword === 'pool')
        .map(([, host]) => host);
      return new Set(hosts).size < hosts.length;
    },
  },
};

/** The rules that the file breaks. */
export function brokenRules(text: string, expected: Expectations): string[] {
  const statements = text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
    .map((line) => line.split(/\s+/));
  return Object.entries(RULES).flatMap(([name, rule]) => (rule.broken(statements, expected) ? [name] : []));
}

function restricts(statements: Statement[]) {
  return statements
    .filter(([keyword]) => keyword === 'restrict')
    .map(([, ...words]) => {
      const from = words.includes('mask') ? 3 : words[0] === '-6' ? 2 : 1;
      return { words, flags: words.slice(from) };
    });
}

function has(statements: Statement[], keyword: string, rest: string): boolean {
  return statements.some(([first, ...words]) => first === keyword && words.join(' ') === rest);
}

function cidrOf(words: string[]): string {
  const [address = '', , mask = ''] = words.filter((word) => word !== '-6');
  return `${address}/${ipaddr.parse(mask).prefixLengthFromSubnetMask()}`;
}
