// @ts-check

/**
 * @typedef {object} VerbHelp
 * @property {string} usage the verb and its words: in brackets what may be left out
 * @property {string} meaning
 * @property {string[]} examples
 */

/**
 * What `npm run pod -- …` can do, as its help tells it: read by the client, which starts nothing to tell it, and by the pod.
 *
 * @type {Readonly<Record<string, VerbHelp>>}
 */
export const VERBS = {
  status: {
    usage: 'status [POD] [--json]',
    meaning: "says whether a pod's time is good, how good, what is wrong, and what podtime did",
    examples: ['status', 'status green --json'],
  },
  hosts: {
    usage: 'hosts [POD] [--json]',
    meaning: 'lists the hosts: what podtime says of each clock, and the truth about it',
    examples: ['hosts', 'hosts blue', 'hosts --json'],
  },
  history: {
    usage: 'history HOST [TIME] [--json]',
    meaning: "lists what was kept of a host's clock in the last 24 hours, or says how wrong it was at a time (UTC)",
    examples: ['history blue-client-c1', 'history blue-client-c1 2026-11-24T14:03:00Z'],
  },
  records: {
    usage: 'records [POD] [--json]',
    meaning: 'lists the DNS records of the time servers',
    examples: ['records', 'records green'],
  },
  metrics: {
    usage: 'metrics [NAME] [POD] [--json]',
    meaning: 'lists the newest minute of each metric',
    examples: ['metrics', 'metrics HostsConfident', 'metrics HostsConfident blue'],
  },
  alarms: {
    usage: 'alarms [POD] [--json]',
    meaning: 'lists the alarms of the packaged template, what rings first',
    examples: ['alarms', 'alarms blue'],
  },
  replace: {
    usage: 'replace AZ [POD]',
    meaning: "puts a new server, under a new address, in the AZ's boundary server's place",
    examples: ['replace az-b', 'replace us-west-2c green'],
  },
  drift: {
    usage: 'drift HOST|SERVER 80ms',
    meaning: "holds a host's clock, or that of a server outside, so far ahead of true time (-80ms: behind)",
    examples: ['drift blue-client-c1 80ms', 'drift time-service -2.5s'],
  },
  cut: {
    usage: 'cut AZ|HOST|SERVER [POD]',
    meaning: 'cuts an AZ, a host or a server outside off from all NTP but the AWS time service',
    examples: ['cut az-a', 'cut az-a green', 'cut blue-boundary-b'],
  },
  stop: { usage: 'stop HOST', meaning: "stops a host's time daemon", examples: ['stop blue-client-a1'] },
  mute: { usage: 'mute HOST', meaning: "kills a host's SSM agent", examples: ['mute blue-client-a1'] },
  hold: {
    usage: 'hold HOST',
    meaning: 'tags a host ntp-hold: podtime looks and never touches it, until unhold or mend',
    examples: ['hold blue-client-a1'],
  },
  unhold: {
    usage: 'unhold HOST',
    meaning: 'takes the tag ntp-hold away again, and mends nothing',
    examples: ['unhold blue-client-a1'],
  },
  play: {
    usage: 'play HOST FILE',
    meaning: 'makes a host answer with a captured output of its query tool',
    examples: ['play blue-client-a1 packages/lab/test/fixtures/classic-4.2.8p6.settled-falseticker.pnw.txt'],
  },
  mend: {
    usage: 'mend [HOST|AZ|SERVER] [POD]',
    meaning: 'mends everything, or one, lets go of held hosts, and says what it mended',
    examples: ['mend', 'mend blue-client-c1', 'mend az-a green'],
  },
  mode: {
    usage: 'mode POD observe|act|hold',
    meaning: 'sets what podtime may do in a pod',
    examples: ['mode blue hold'],
  },
  tick: { usage: 'tick [POD]', meaning: 'runs a whole tick now', examples: ['tick', 'tick green'] },
};
