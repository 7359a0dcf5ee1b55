import { describe, expect, it } from '@jest/globals';
import { refidOf } from '../../src/ntp/refid.ts';

describe('the refid by which a server says whom it follows', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    // as ntpd 4.2.8p6 and ntpsec 1.2.2 printed it of a server that followed fd00:66::12
    ['fd00:66::12', '92.164.58.181'],
    ['fd00:66::12%eth0', '92.164.58.181'],
    // MD5 of 16 octets of nought: 4ae71336e44bf9bf79d2752e234818a5
    ['::', '74.231.19.54'],
    // of 2001 0db8 0001 0002 0003 0004 0005 0006
    ['2001:db8:1:2:3:4:5:6', '126.248.226.207'],
    ['reference clock GPS(0)', 'reference clock GPS(0)'],
    ['fd00:1:2', 'fd00:1:2'],
  ])('of %s is %s', (address, refid) => {
    // the second time from memory
    expect([refidOf(address), refidOf(address)]).toEqual([refid, refid]);
  });
});
