import { captured, Host, type Outcome, SHELLS, type ShellName } from './host.ts';
import { withChrony, withClassic, withNtpsec } from './layouts.ts';

export const KINDS = ['ntpd', 'ntpsec', 'chrony'] as const;
export type Kind = (typeof KINDS)[number];

/** Each daemon under each shell, for what a script is made for. */
export const EVERY = SHELLS.flatMap((shell) => KINDS.map((kind) => ({ shell, kind })));

export const shellOf = (index: number): ShellName => SHELLS[index % SHELLS.length] ?? 'bash';

/** Each daemon under one shell, for every verdict. */
export const ONCE = KINDS.map((kind, index) => ({ shell: shellOf(index), kind }));

/** What DNS says of the captured clients, whose rows are 10.66.0.51, .52 (+) and .53 (*). */
export const RIGHT = 'az-a=10.66.0.51 az-b=10.66.0.52|fd00:66::52 az-c=10.66.0.53';
/** The server of az-c was replaced. */
export const REPLACED = 'az-a=10.66.0.51 az-b=10.66.0.52|fd00:66::52 az-c=10.66.0.63';

interface Setup {
  service: string;
  config: string;
  /** Captured rows that it polls, and the table shown to people. */
  rows: string;
  shown: string;
  asked: string;
  show: string;
  lay(host: Host): void;
}

/** chrony's host has no service command, the others no other. */
const SETUPS: Record<Kind, Setup> = {
  ntpd: {
    service: 'ntp',
    config: '/etc/ntp.conf',
    rows: 'classic-4.2.8p6.client-settled.pnw',
    shown: 'classic-4.2.8p6.client-settled.pn',
    asked: 'ntpq -pnw',
    show: 'ntpq -pn',
    lay: withClassic,
  },
  ntpsec: {
    service: 'ntpsec',
    config: '/etc/ntpsec/ntp.conf',
    rows: 'ntpsec-1.2.2.client-settled.pnw',
    shown: 'ntpsec-1.2.2.client-settled.pn',
    asked: 'ntpq -pnw',
    show: 'ntpq -pn',
    lay: withNtpsec,
  },
  chrony: {
    service: 'chronyd',
    config: '/etc/chrony.conf',
    rows: 'chrony-4.3.client-settled.sources-c',
    shown: 'chrony-4.3.client-settled.sources-n',
    asked: 'chronyc -n -c sources',
    show: 'chronyc -n sources',
    lay: withChrony,
  },
};

/** A client whose configuration names az-a to az-d of zone `pod` (az-d has no record), with a daemon 1234 s old. */
export class Client extends Host {
  readonly setup: Setup;
  readonly status: string;
  readonly restart: string;
  /** The act that brings this daemon to resolve again, and the stage that follows it. */
  readonly act: string;
  readonly stage: 'refresh' | 'restart';
  /** Records beside RIGHT. */
  more = '';

  constructor(
    shell: ShellName,
    readonly kind: Kind,
  ) {
    super(shell);
    this.setup = SETUPS[kind];
    const { service, lay } = this.setup;
    const isChrony = kind === 'chrony';
    this.status = isChrony ? `systemctl is-active ${service}` : `service ${service} status`;
    this.restart = isChrony ? `systemctl restart ${service}` : `service ${service} restart`;
    this.act = isChrony ? 'chronyc refresh' : this.restart;
    this.stage = isChrony ? 'refresh' : 'restart';
    this.on(this.status, '').acts(this.restart, 'restart');
    lay(this);
    if (isChrony) this.acts('chronyc refresh', 'refresh', '200 OK\n').on('chronyc burst 4/4', '200 OK\n');
    const names = ['a', 'b', 'c', 'd'].map((letter) => `server ntp.az-${letter}.pod iburst`);
    this.config(...names, 'server 169.254.169.123 iburst');
    this.sees('a', '10.66.0.51').sees('b', '10.66.0.52', 'fd00:66::52').sees('c', '10.66.0.53').sees('d');
  }

  config(...lines: string[]): this {
    return this.file(this.setup.config, `${lines.join('\n')}\n`);
  }

  /** A further line of the configuration. */
  add(line: string): this {
    return this.file(this.setup.config, `${this.read(this.setup.config)}${line}\n`);
  }

  /** Further records, also in what the resolver gives. */
  also(record: string): this {
    this.more += ` ${record}`;
    const [name = '', addresses = ''] = record.slice('az-'.length).split('=');
    return this.sees(name, ...addresses.split('|'));
  }

  /** The host's resolver gives these for ntp.az-X.pod, or for a whole name. */
  sees(name: string, ...addresses: string[]): this {
    const full = name.length === 1 ? `ntp.az-${name}.pod` : name;
    const rows = addresses.flatMap((address) => [`${address} STREAM ${full}`, `${address} DGRAM`, `${address} RAW`]);
    return this.on(`getent ahosts ${full}`, rows.length === 0 ? { status: 2 } : `${rows.join('\n')}\n`);
  }

  /** The captured rows, changed, as what the daemon polls in a stage. */
  polls(change: (rows: string) => string, stage = 'before'): this {
    return this.on(this.setup.asked, change(captured(this.setup.rows)), stage);
  }

  /** A further source, of chrony's mode (`^`, `=`, `#`), answering. */
  alsoPolls(address: string, mode: '^' | '=' | '#' = '^', tally = '+'): this {
    return this.polls((rows) => rows + this.row(address, mode, tally));
  }

  row(address: string, mode: '^' | '=' | '#' = '^', tally = '+'): string {
    if (this.kind === 'chrony') return `${mode},${tally},${address},3,6,377,1,0.000001000,0.000001000,0.000010000\n`;
    const type = { '^': 'u', '=': 's', '#': 'l' }[mode];
    const remote = address.length > 15 ? `${address}\n${' '.repeat(16)}` : address;
    return `${tally}${remote} 10.0.0.1 2 ${type} 1 64 377 0.1 0.1 0.1\n`;
  }

  acted(): boolean {
    return this.calls().some((call) => call === this.restart || call === 'chronyc refresh');
  }

  stamp(secondsAgo: number): this {
    return this.file('/var/lib/podtime/cycled', `${this.now - secondsAgo}\n`);
  }

  cycle(records: string, parameters: Record<string, string> = {}): Outcome {
    return this.run('cycle', { Records: records, Zone: 'pod', Wave: nextWave(), ...parameters });
  }
}

let waves = 0;

/** The id of a wave of its own. */
export const nextWave = () => `w-${++waves}`;

/** az-c's server under its new address. */
export const moved = (rows: string) => rows.replaceAll('10.66.0.53', '10.66.0.63');

/** Nothing is heard, nothing selected. */
export const silent = (rows: string) =>
  rows
    .replaceAll(',377,', ',0,')
    .replaceAll(' 377 ', '   0 ')
    .replaceAll(/^\^,[*+]/gm, '^,?')
    .replaceAll(/^[*+]/gm, ' ');

/** As rows of which the new server alone is not heard. */
export const newOneSilent = (rows: string) =>
  moved(rows)
    .replace(/(10\.66\.0\.63,.*),377,/, '$1,0,')
    .replace(/(10\.66\.0\.63 .*) 377 /, '$1   0 ');

/** A client left behind by REPLACED that follows once it acted: it polls the new server at once and hears it after 6 s. */
export function leftBehind(shell: ShellName, kind: Kind): Client {
  const client = new Client(shell, kind).sees('c', '10.66.0.63');
  return client.polls((rows) => silent(moved(rows)), `${client.stage}+0`).polls(moved, `${client.stage}+6`);
}
