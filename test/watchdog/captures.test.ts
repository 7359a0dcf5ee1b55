import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hostId } from '@podtime/aws-endpoint/testing';
import { revisionOf } from '../../src/config/revision.ts';
import type { Judgement } from '../../src/diagnosis/judgement.ts';
import { milliseconds } from '../../src/diagnosis/milliseconds.ts';
import type { DaemonKind } from '../../src/host/collected.ts';
import { hostsReportOf } from '../../src/report/compose.ts';
import type { HostReport, Report } from '../../src/report/report.ts';
import { textOf } from '../../src/report/texts.ts';
import { BLUE, FLEET } from '../builders/endpoint-fleet.ts';
import { startPod, type TestedPod } from '../builders/endpoint-pod.ts';

// Every captured stage of every daemon is a host of one pod, collected over the wire, judged, published and planned for.
const CASES = 'test/fixtures/diagnosis';
const EXPECTED = 'test/fixtures/tick/expected.json';

/** The clients of the captures followed these addresses: three settled servers have them here. */
const ADDRESSES: Record<string, string> = {
  'classic-settled-falseticker': '10.66.0.51',
  'ntpsec-settled-falseticker': '10.66.0.52',
  'chrony-settled-falseticker': '10.66.0.53',
};

const captures = readdirSync(CASES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }, index) => ({
    name,
    n: index + 1,
    instanceId: hostId(index + 1),
    collect: readFileSync(`${CASES}/${name}/collect.txt`, 'utf8'),
    expected: JSON.parse(readFileSync(`${CASES}/${name}/expected.json`, 'utf8')) as Judgement,
  }));

const daemonOf = (name: string): DaemonKind =>
  name.startsWith('chrony') ? 'chrony' : name.startsWith('ntpsec') ? 'ntpsec' : 'ntpd';

let pod: TestedPod;
beforeEach(async () => {
  pod = await startPod();
  // every metric is reviewed, those too that nobody gets by default
  pod.run.pod = { ...BLUE, metrics: { byAz: 'all' } };
  for (const { name, n, collect, expected } of captures) {
    const { tier, az } = expected.host;
    // the captures ran on files of their own; here each runs on the file that podtime serves
    const prints = collect.replace(
      /^revision [0-9a-f]{16}$/m,
      `revision ${revisionOf(FLEET, BLUE, tier, az, daemonOf(name))}`,
    );
    pod.addHost(n, tier, az, {}, { prints, ipv4: ADDRESSES[name] ?? `10.66.0.${100 + n}` });
  }
  pod.mode('act');
});
afterEach(() => pod.close());

/** The hosts answer within a look of two seconds: by so much all that grows has grown. */
const AGE_SECONDS = 2;

/** The captured chrony server, which settled clients follow here, polls every 16 s; its clock may run off by 15 ppm, and what it serves need not grow by more than 1 ppm. */
const UNSERVED_MS = ((15 - 1) * 16) / 1000;
const unservedOf = (name: string) => (name.endsWith('-client-settled') ? UNSERVED_MS : 0);

function agedOf(
  { measures, sentence }: Pick<HostReport, 'measures' | 'sentence'>,
  growthPpm: number | null,
  addedMs: number,
): object {
  const { errorBoundMs, horizonSeconds } = measures;
  if (!errorBoundMs) return { measures, ...(sentence && { sentence }) };
  const ppm = growthPpm ?? 0;
  const agedMs = errorBoundMs + (ppm * AGE_SECONDS) / 1000 + addedMs;
  const lessSeconds = AGE_SECONDS + (addedMs * 1000) / ppm;
  return {
    measures: {
      ...measures,
      errorBoundMs: expect.closeTo(agedMs, 9),
      ...(horizonSeconds && { horizonSeconds: expect.closeTo(horizonSeconds - lessSeconds, 6) }),
    },
    ...(sentence && { sentence: sentence.replace(milliseconds(errorBoundMs), milliseconds(agedMs)) }),
  };
}

/** What a row says by places in the report's `texts`. */
function textsOf(
  { remarks, confidence }: Pick<HostReport, 'remarks' | 'confidence'>,
  { texts }: Pick<Report, 'texts'>,
) {
  return {
    ...(confidence && { confidence: textOf(confidence, texts) }),
    ...(remarks && { remarks: remarks.map((remark) => textOf(remark, texts)) }),
  };
}

describe('a tick over captured outputs of real daemons', () => {
  it('judges every host as reviewed', async () => {
    const { report } = await pod.tick();
    const judged = Object.fromEntries(report.hosts.map((host) => [host.instanceId, host]));
    for (const { instanceId, name, expected } of captures) {
      const reviewed = hostsReportOf([expected]);
      const { state, sentence, confident, measures, ...texts } = reviewed.hosts[0] as HostReport;
      const { polled = [], ...row } = judged[instanceId] as HostReport;
      const addresses = polled.map((place) => report.polledAddresses[place]);
      expect({ name, ...row, polled: addresses, ...textsOf(row, report) }).toMatchObject({
        ...{ name, state, confident, polled: expected.polled },
        ...agedOf({ measures, sentence }, expected.measures.growthPpm, unservedOf(name)),
        ...textsOf(texts, reviewed),
      });
    }
  });

  it('publishes and plans as reviewed', async () => {
    const first = await pod.tick();
    // the second server that the captured clients poll dies, and EC2 says so
    pod.endpoint.instances.terminate(
      captures.find(({ name }) => name === 'ntpsec-settled-falseticker')?.instanceId ?? '',
    );
    await pod.clock.advance(120_000);
    const second = await pod.tick();
    await pod.clock.advance(60_000);
    const third = await pod.tick();
    await pod.clock.advance(10_000);
    const named = (text: string) =>
      captures.reduce((outcome, { instanceId, name }) => outcome.replaceAll(instanceId, name), text);
    const planOf = ({ report }: typeof first) => ({
      summary: report.summary,
      changes: report.changes.map((change) =>
        named(
          `${change.action} ${change.name} ${change.type} ${change.address} ${change.setIdentifier}: ${change.outcome}`,
        ),
      ),
      cycles: report.cycles.map((cycle) => named(`${cycle.instanceIds.join(' ')}: ${cycle.records}: ${cycle.outcome}`)),
      stale: report.hosts.flatMap(({ instanceId, stale }) =>
        stale === undefined ? [] : [named(`${instanceId}: ${report.staleness[stale]?.sentence}`)],
      ),
      refusals: report.refusals.map(({ rule, sentence }) => named(`${rule}: ${sentence}`)),
    });
    const metrics = pod.endpoint
      .metrics()
      .filter(({ dimensions }) => dimensions.AZ === undefined)
      .map(({ name, dimensions, unit, minimum, maximum, p50 }) => [
        `${name} ${dimensions.Tier}`,
        unit,
        minimum,
        p50,
        maximum,
      ]);
    const outcome = { first: planOf(first), second: planOf(second), third: planOf(third), metrics };
    if (process.env.PODTIME_WRITE_EXPECTED) writeFileSync(EXPECTED, `${JSON.stringify(outcome, null, 2)}\n`);
    expect(outcome).toEqual(JSON.parse(readFileSync(EXPECTED, 'utf8')));
  });
});
