import type { RealHost } from './namespaces.ts';

// ntpsec before 1.2.3 begins each `filtdelay`, `filtoffset` and `filtdisp` with a pointer to its own stack, bytes that it never wrote
// (ctl_putarray of ntp_control.c). Where one of them is a quotation mark, ntpq takes the name (`srchost`) for a part of a string, in every row and for as
// long as that process runs. Where the stack lies is chance, but for this.

/** What to start a daemon with: its stack lies at one place, so many bytes further down. */
export const onStack = (bytesDown = 0) => `setarch -R env PADDING=${'x'.repeat(bytesDown)}`;

const QUOTATION_MARK = 0x22;

/** What the pointer's two lowest bytes are to be. The stack's place differs by some bytes from one start to the next. */
const WANTED = QUOTATION_MARK * 0x100 + 0x80;

/** By how many bytes the stack must lie further down than that of this ntpsec, which runs `onStack()`, to lose the names. */
export async function bytesToLoseNames(host: RealHost): Promise<number> {
  const { stdout, stderr } = await host.run('ntpq', '-ddddd', '-c', 'rv &1');
  const rows = [...`${stdout}${stderr}`.matchAll(/^(?:[0-9a-f]{2} ){1,16}/gm)].map(([row]) => row.replaceAll(' ', ''));
  const dumped = Buffer.from(rows.join(''), 'hex');
  const pointer = dumped.indexOf('filtdelay=') + 'filtdelay='.length;
  return (0x10000 + dumped.readUInt16LE(pointer) - WANTED) % 0x10000;
}
