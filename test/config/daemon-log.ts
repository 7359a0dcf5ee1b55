/** What a daemon's log may say of a faulty file, and what it says here for other reasons. */

const SUSPICIOUS =
  /warn|err|syntax|invalid|illegal|ignored|unknown|unrecogni|cannot|could not|can't|fail|unable|refuse|denied|not permitted|not exist|missing|suggest|deprecat|obsolete|bogus|\bbad\b|must |line \d+/i;

const EXCUSED: { message: RegExp; why: string }[] = [
  { message: /(ntp_adjtime|adj_systime): Operation not permitted/, why: 'the daemon may not touch the clock here' },
  { message: /setrlimit\(RLIMIT_CORE/, why: 'a limit of the machine that tests run on' },
  { message: /DNS: dns_(check|take_status)/, why: 'no name resolves in the namespace' },
  {
    message: /SYNC: Found \d+ servers, suggest minsane (at least|of) \d/,
    why: 'advice that counts names; most names have no record, and a client goes on with the one source it has left',
  },
];

/** Lines of a log that tell of a fault. */
export function faultsIn(log: string): string[] {
  return (
    log
      .split('\n')
      // a name's ending says nothing
      .filter((line) => SUSPICIOUS.test(line.replaceAll(/[\w.-]+\.invalid\b/g, 'name')))
      .filter((line) => !EXCUSED.some(({ message }) => message.test(line)))
  );
}
