import { describe, expect, it } from '@jest/globals';
import { parseCollected } from '../../src/host/collect.ts';
import { captured, Host, SHELLS } from './host.ts';
import { kept } from './kept.ts';
import { layout } from './layouts.ts';
import type { Reply } from './replies.ts';

// An ntpsec whose table tells no name of what has no address; lost-names.ts says why.

const TABLE = captured('ntpsec-1.2.2.names-lost.pnw');
const NAMES = captured('ntpsec-1.2.2.names-lost.mrv');
const LONG = 'a-very-long-name-of-a-server-that-is-not-there.in-a-very-long-domain-name.and-again-a-long-one.example';

describe.each(SHELLS)('under %s, collect', (shell) => {
  function rowsOf(table: string, rows: number, names: Reply | string, start = 'Debian 12, ntpsec') {
    const host = kept(new Host(shell));
    layout(start).lay(host);
    host.on('ntpq -pnw', table).on(`ntpq -c mrv &1 &${rows} srcadr,srchost`, names);
    const { stdout } = host.run('collect');
    const { sources, faults } = parseCollected(stdout) ?? {};
    expect([stdout.includes('trouble'), faults]).toEqual([false, []]);
    return {
      rows: sources?.map(({ remote, address, refid }) => [remote, address, refid]),
      asked: host.calls().filter((call) => call.includes('mrv')),
    };
  }

  it('asks for them, and gives each row its own', () => {
    expect(rowsOf(TABLE, 6, NAMES)).toEqual({
      rows: [
        ['nosuch.example', null, '.DNS.'],
        [LONG, null, '.NTS.'],
        ['::1', '::1', '.INIT.'],
        ['other.example', null, '.DNS.'],
        ['127.127.1.0', '127.127.1.0', '.LOCL.'],
        ['pool.example', null, '.POOL.'],
      ],
      asked: ['ntpq -c mrv &1 &6 srcadr,srchost'],
    });
  });

  it('counts a row in two lines once', () => {
    const wrapped = TABLE.replace(' ::1             .', '*2001:db8:10:20::1234\n                 .');
    const { rows } = rowsOf(wrapped, 6, NAMES);
    expect(rows?.map(([remote]) => remote).slice(1, 4)).toEqual([LONG, '2001:db8:10:20::1234', 'other.example']);
  });

  it.each<[string, Reply | string]>([
    ['it does not answer', { stderr: '***Request timed out\n' }],
    ['it lost a row meanwhile', { stderr: 'No such association as 6.\n' }],
    ['it tells fewer', NAMES.slice(0, NAMES.indexOf('associd=17772'))],
    ['it tells more', `${NAMES}associd=17773 srcadr=0.0.0.0, srchost="late.example"\n`],
    ['one is no name', NAMES.replace('other.example', '$(id)&')],
  ])('leaves the rows as they are where %s', (_, names) => {
    expect(rowsOf(TABLE, 6, names).rows).toEqual([
      ['0.0.0.0', null, '.DNS.'],
      ['0.0.0.0', null, '.NTS.'],
      ['::1', '::1', '.INIT.'],
      ['::', null, '.DNS.'],
      ['127.127.1.0', '127.127.1.0', '.LOCL.'],
      ['0.0.0.0', null, '.POOL.'],
    ]);
  });

  it.each([
    ['ntpsec that tells its names', TABLE.replace(/ (?:0\.0\.0\.0|::) {6}/g, ' name.example '), 'Debian 12, ntpsec'],
    ['any other daemon', TABLE, 'Ubuntu 22.04'],
  ])('asks nothing more of %s', (_, table, start) => {
    expect(rowsOf(table, 6, NAMES, start).asked).toEqual([]);
  });
});
