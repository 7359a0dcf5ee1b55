import { describe, expect, it } from '@jest/globals';
import { parseCollected } from '../../src/host/collect.ts';
import { Host, SHELLS } from './host.ts';
import { kept } from './kept.ts';
import { layout } from './layouts.ts';

// Rows of ntpq in an answer that is made to fit.

const CLASSIC = '     remote           refid      st t when poll reach   delay   offset  jitter\n';
const NTPSEC = '     remote           refid      st t when poll reach   delay   offset   jitter\n';
const MANY = Array.from({ length: 40 }, (_, n) => row('+', `10.0.1.${n + 1}`, '10.0.0.1', 2, 'u', '377'));

function row(tally: string, remote: string, refid: string, st: number, type: string, reach: string, offset = '0.100') {
  const numbers = `   0.100 ${offset.padStart(8)}   0.100`;
  return `${tally}${remote.padEnd(15)} ${refid.padEnd(15)} ${st} ${type}    1   64  ${reach}${numbers}\n`;
}

describe.each(SHELLS)('under %s, an answer that is made to fit', (shell) => {
  const read = (header: string, rows: string[], system = 'Ubuntu 22.04') => {
    const host = kept(new Host(shell));
    layout(system).lay(host);
    host.on('ntpq -pnw', `${header}${rows.join('')}`);
    const { stdout } = host.run('collect');
    expect(stdout).toContain('\nremote refid st t when poll reach\n');
    return parseCollected(stdout);
  };

  it('leaves out what polls nobody, as it does the heads of pools', () => {
    const casts = [
      row(' ', '10.0.3.255', '.BCST.', 16, 'u', '0'),
      row(' ', '224.0.1.1', '.MCST.', 16, 'u', '0'),
      row(' ', '239.1.2.3', '.ACST.', 16, 'u', '0'),
      row(' ', '10.0.7.255', '.XFAC.', 16, 'B', '0'),
      row(' ', 'pool.example', '.POOL.', 16, 'p', '0'),
    ];
    const states = [
      row(' ', '10.0.8.1', '.XFAC.', 16, 'u', '0'),
      row(' ', '10.0.8.2', '.BCST.', 1, 'u', '377'),
      row(' ', '10.0.8.3', '.BCST.', 1, 'u', '0'),
    ];
    const collected = read(CLASSIC, [...casts, ...states, ...MANY]);
    const remotes = collected?.sources.map(({ remote }) => remote) ?? [];
    expect(remotes.toSorted()).toEqual(
      [...MANY.map((_, n) => `10.0.1.${n + 1}`), '10.0.8.1', '10.0.8.2', '10.0.8.3'].toSorted(),
    );
    expect(collected?.faults).toEqual([]);
  });

  it('keeps every row in full where fewer blanks are enough', () => {
    const rows = [
      MANY[0],
      row('*', '10.0.8.1', '10.0.0.1', 2, 'u', '377'),
      row(' ', '10.0.8.2', '.INIT.', 16, 'u', '0'),
    ];
    const host = kept(new Host(shell));
    layout('Ubuntu 22.04').lay(host);
    host.on('ntpq -pnw', `${CLASSIC}${rows.join('')}`);
    const { length } = host.run('collect').stdout;
    const { stdout } = host.limits({ ANSWER_BYTES: length - 1 }).run('collect');
    expect(stdout.match(/^sources ntpq\n[\s\S]*$/m)?.[0].split('\n')).toEqual([
      'sources ntpq',
      'remote refid st t when poll reach delay offset jitter',
      '*10.0.8.1 10.0.0.1 2 u 1 64 377 0.100 0.100 0.100',
      '+10.0.1.1 10.0.0.1 2 u 1 64 377 0.100 0.100 0.100',
      ' 10.0.8.2 .INIT. 16 u 1 64 0 0.100 0.100 0.100',
      'end',
      '',
    ]);
  });

  it('counts half a row of a long name, which stands on a line of its own, as one that is left out', () => {
    const half = '+fd12:3456:789a:bcde:f012:3456:789a:b001\n                 10.0.0.1         2 u\n';
    const collected = read(CLASSIC, [half, ...MANY]);
    expect(collected?.sources.map(({ remote }) => remote)).toEqual(MANY.map((_, n) => `10.0.1.${n + 1}`));
    expect(collected?.faults.map(({ field, text }) => ({ field, text }))).toEqual([
      { field: null, text: 'left-out 1 rows' },
    ]);
  });

  it('has each row or counts it, however short it is made', () => {
    const unheard = MANY.slice(10, 20).map((_, n) => row(' ', `10.0.2.${n + 1}`, '10.0.0.1', 2, 'u', '0'));
    const host = kept(new Host(shell));
    layout('Ubuntu 22.04').lay(host);
    host.on('ntpq -pnw', `${CLASSIC}${MANY.slice(0, 10).join('')}${unheard.join('')}`);
    const { length } = host.run('collect').stdout;
    const lengths = Array.from({ length: 20 }, (_, n) => length - 1 - n * 50);
    const rows = lengths.map((ANSWER_BYTES) => {
      const { stdout } = host.limits({ ANSWER_BYTES }).run('collect');
      return (parseCollected(stdout)?.sources.length ?? 0) + Number(/^left-out (\d+) rows$/m.exec(stdout)?.[1] ?? 0);
    });
    expect(rows).toEqual(lengths.map(() => 20));
  });

  it('keeps sources of every type that is polled', () => {
    const polled = ['-', 'u', 's', '0', '8'].map((type, n) => row('+', `10.0.8.${n}`, '10.0.0.1', 2, type, '17'));
    const collected = read(CLASSIC, [...polled, ...MANY]);
    const types = ['u', 'u', 's', 'u', 'u'].map((type, n) => [`10.0.8.${n}`, type, 0o17]);
    const found = collected?.sources.filter(({ remote }) => remote.startsWith('10.0.8.'));
    expect(found?.map(({ remote, type, reach }) => [remote, type, reach])).toEqual(types);
    expect(collected?.faults).toEqual([]);
  });

  it('knows of a number that fills seven characters whether it was cut', () => {
    const peer = row('*', '10.0.8.1', '10.0.0.1', 2, 'u', '377', '+560217');
    const faultsOf = (header: string) => read(header, [peer, ...MANY])?.faults.map(({ field, text }) => [field, text]);
    expect(faultsOf(CLASSIC)).toEqual([['offsetMs', '+560217']]);
    expect(faultsOf(NTPSEC)).toEqual([]);
  });
});
