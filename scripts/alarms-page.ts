import type { AlarmRule, Gauge } from '../infra/monitoring/alarm-rule.ts';
import { alarmRules, periodSeconds } from '../infra/monitoring/alarm-rules.ts';
import { loadFleet } from '../src/fleet/load.ts';
import { runbookAnchor } from '../src/report/runbook.ts';

/** A pod in which nothing is set that has a default. */
const PLAIN = loadFleet(`
upstreams: [us-west-2b.stratum-2.invalid]
timeService: source
leapSmear: accepted
pods:
  plain:
    region: us-west-2
    zone: { name: pod }
    networks: [10.0.0.0/16]
    azs: [us-west-2a]
`).pods[0];

/** `docs/alarms.md`, from the rules that the build makes alarms of: the page cannot rot. */
export function alarmsPage(): string {
  if (!PLAIN) throw new Error('the plain fleet has no pod');
  const rules = alarmRules(PLAIN);
  const rows = rules.map(
    (rule) =>
      `| [\`${rule.key}\`](runbook.md#${runbookAnchor(rule.key)}) | ${rule.meaning} | ${watchedBy(rule)} ${compared(rule)} | ${rule.datapoints} of ${rule.periods}${rule.periodSeconds === periodSeconds(PLAIN) ? '' : `, each of ${rule.periodSeconds} s`} | ${rule.from} | ${rule.reason} |`,
  );
  return `# Alarms

<!-- Written by \`npm run docs:alarms\` from infra/monitoring/alarm-rules.ts; a test holds it to that. -->

Each pod has ${rules.length} alarms, \`podtime-STAGE-POD-…\`, and one [composite alarm](runbook.md#a-pod-in-alarm), \`podtime-STAGE-POD\`, that is in ALARM while any of them
is. What to do when one rings: [runbook.md](runbook.md). Thresholds are the pod's \`alarms\` in [fleet.yml](fleet.md); the table shows the defaults.

| alarm | what it says | raised when | periods | set by | why so |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

- A period is \`intervalSeconds\`, rounded up to whole minutes (${periodSeconds(PLAIN)} s by default): a tick publishes that often, and each minute while
  it left something to do, so a period holds a number as a rule. Of several the worst counts (Maximum or Minimum).
- Two periods of three: one bad tick is no alarm, and one late tick hides none.
- Where nothing is published, the alarms stand as they are (\`ignore\`): silence neither mends a clock nor spoils one. It has
  an alarm of its own, in which missing data breaches. Until a pod's first tick that one is raised.
- ${mergedVotes()}
- The tier is in the name; gauges are those of [metrics.md](metrics.md), at \`Pod, Tier\`, where every tick publishes them, zero
  included. Alarms named \`watchdog-…\` are of the ticks themselves, at \`Pod\`.

## Functions

For each function of the stack, but for \`widget\`, whose failure stands on the dashboard before who looks, one alarm on [errors](runbook.md#function-errors) and one on [throttles](runbook.md#function-throttles), \`podtime-STAGE-function-NAME-errors\` and \`…-throttles\`
(\`AWS/Lambda\`, Sum, 300 s, 1 or more): at once, but for the watchdogs, whose next run a minute later makes a failed tick whole, in two
periods of three. A function that nobody calls has no data, which is well (\`notBreaching\`).

Of the queue before \`instances\`, which answers for each event by itself, [\`podtime-STAGE-queue-instances-age\`](runbook.md#queue-instances-age): an event of EC2's is 200 s old
(Maximum of \`ApproximateAgeOfOldestMessage\`, 300 s), so that its second attempt has not done it, or nobody takes any. At 300 s it is dropped: the
watchdog has looked by then.

## Who is told

\`npx sls deploy --param alarmTopic=ARN\` names the SNS topic that hears of each pod (its composite alarm) and of functions, when they go
to ALARM and when they are OK again: one message for a pod that goes bad, not one for each of its alarms. \`--param alarmDetailTopic=ARN\`
names one that hears of every alarm by itself: a second trouble in a pod that is in ALARM already is told only there, and
on the dashboard \`podtime-STAGE-POD\`. Without them nobody is told. The topics are yours: the stack makes none.

A topic must be in the stack's region (packaging checks that), its access policy must let \`cloudwatch.amazonaws.com\` publish, and if
it is encrypted, the key's policy must let the same use the key: with the default key \`alias/aws/sns\` no alarm ever arrives, and nothing
says so. So prove it on the first day; the alarm goes back by itself:

\`\`\`sh
aws cloudwatch set-alarm-state --alarm-name podtime-prod-function-config-errors --state-value ALARM --state-reason 'does it ring?'
\`\`\`

Each alarm's description ends with its section of [runbook.md](runbook.md): a link, where \`--param runbookUrl=https://…/docs/runbook.md\` says at which
address those who are woken read it, and this repository's path where nothing does.

## On one machine

\`npm run pod -- alarms\` lists them; the local endpoint evaluates the packaged template's own. Their periods lie on the clock that
stamps the metrics, which the time factor does not speed up; the local pod's are a fifth as long instead (a minute is 12 seconds), so
that a drift shows within a minute or so.
`;
}

/** What a pod has where its settings tell two alarms apart. */
function mergedVotes(): string {
  const apart = PLAIN ? alarmRules({ ...PLAIN, alarms: { ...PLAIN.alarms, liesLeft: 0 } }) : [];
  const losses = apart.find(({ key }) => key === 'boundary-losses-left');
  if (!losses) throw new Error('no rule of votes is left without the one of lies');
  return `Where \`alarms.liesLeft\` and \`alarms.lossesLeft\` are not reached at one number of clocks, as they are by default, each has its alarm. That
  of the latter, which alone is left with \`alarms.liesLeft: 0\`, is [\`${losses.key}\`](runbook.md#${runbookAnchor(losses.key)}): ${losses.meaning} (${watchedBy(losses)} ${compared(losses)}).`;
}

function watchedBy({ watched }: AlarmRule): string {
  const gauge = ({ metric, stat }: Gauge) => `${stat} of \`${metric}\``;
  return 'part' in watched ? `${gauge(watched.part)} / ${gauge(watched.whole)}` : gauge(watched);
}

function compared({ comparison, threshold, watched, missing }: AlarmRule): string {
  if (missing === 'breaching') return 'is missing';
  const words = {
    GreaterThanOrEqualToThreshold: 'is at least',
    GreaterThanThreshold: 'is above',
    LessThanThreshold: 'is below',
  };
  return `${words[comparison]} ${threshold}${'part' in watched ? ' %' : ''}`;
}
