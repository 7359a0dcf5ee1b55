import type { Collected } from '../../src/host/collected.ts';
import type { Source, SystemState } from '../../src/ntp/source.ts';

/** The text that the `collect` document prints on a host that stands so: for daemons that answer, with nothing lost. */
export function printed(collected: Collected): string {
  const { daemon, ageSeconds, cycledSecondsAgo, configRevision, configNames, configAddresses } = collected;
  if (daemon === null) return 'podtime-collect 1\nfound none\nend\n';
  const head = [
    'podtime-collect 1',
    `found ${daemon.kind === 'chrony' ? 'chronyd' : daemon.kind} ${daemon.version ?? '-'}`,
    `age ${ageSeconds ?? '-'}`,
    `cycled ${cycledSecondsAgo ?? '-'}`,
    `revision ${configRevision ?? '-'}`,
    `names ${configNames.join(' ')}`,
    `literals ${configAddresses.join(' ')}`,
    ...clockLines(collected),
  ];
  const body = daemon.kind === 'chrony' ? chronyText(collected) : ntpqText(collected);
  return [...head, ...body, 'end', ''].join('\n');
}

function clockLines({ daemon, driftPpm, driftSkewPpm, ...details }: Collected): string[] {
  const { clockSource, kernelUnsynchronised, packetsReceived, packetsDropped } = details;
  const sign = daemon?.kind === 'chrony' ? -1 : 1;
  return [
    driftPpm === null ? '' : `drift ${(sign * driftPpm).toFixed(6)} ${driftSkewPpm?.toFixed(6) ?? ''}`.trimEnd(),
    packetsReceived === null ? '' : `served ${packetsReceived} ${packetsDropped}`,
    kernelUnsynchronised === null ? '' : `kernel ${kernelUnsynchronised ? 'unsync' : 'sync'}`,
    clockSource === null ? '' : `clocksource ${clockSource}`,
  ].filter((line) => line !== '');
}

function ntpqText({ system, sources }: Collected): string[] {
  const rows = sources.map(ntpqRow);
  const table = ['     remote           refid      st t when poll reach   delay   offset   jitter', '='.repeat(79)];
  return [
    'system ntpq',
    ...(system === null ? [] : [variablesText(system)]),
    'sources ntpq',
    ...(rows.length === 0 ? ["No association ID's returned"] : [...table, ...rows]),
  ];
}

function ntpqRow(source: Source): string {
  const { tally, remote, refid, stratum, type, whenSeconds, pollSeconds, reach } = source;
  const number = (value: number | null) => (value ?? 0).toFixed(4);
  const columns = [
    refid ?? '.INIT.',
    stratum ?? 16,
    type,
    interval(whenSeconds),
    interval(pollSeconds),
    (reach ?? 0).toString(8),
    number(source.delayMs),
    number(source.offsetMs),
    number(source.jitterMs),
  ];
  return `${tally}${remote} ${columns.join(' ')}`;
}

/** ntpq prints more than 2,048 s in minutes, more than 300 minutes in hours. */
function interval(seconds: number | null): string {
  if (seconds === null) return '-';
  if (seconds <= 2048) return String(seconds);
  const minutes = Math.floor((seconds + 29) / 60);
  return minutes <= 300 ? `${minutes}m` : `${Math.floor((minutes + 29) / 60)}h`;
}

function variablesText(system: SystemState): string {
  const { leap, stratum, refid, rootDelayMs, rootDispersionMs, offsetMs, frequencyPpm, jitterMs } = system;
  const bits = { none: '00', add: '01', delete: '10', alarm: '11' }[leap ?? 'alarm'];
  const unset = leap === 'alarm';
  const number = (value: number | null) => (unset ? '0.000' : (value ?? 0).toFixed(6));
  return [
    `version="ntpd ${system.version}"`,
    `leap=${bits}`,
    `stratum=${stratum}`,
    `rootdelay=${number(rootDelayMs)}`,
    `rootdisp=${number(rootDispersionMs)}`,
    `refid=${refid}`,
    `offset=${number(offsetMs)}`,
    `frequency=${(frequencyPpm ?? 0).toFixed(3)}`,
    `sys_jitter=${number(jitterMs)}`,
    `ss_uptime=${system.uptimeSeconds ?? 0}`,
  ].join(', ');
}

function chronyText({ system, sources }: Collected): string[] {
  return [
    'system chronyc',
    ...(system === null ? [] : [trackingText(system)]),
    'sources chronyc',
    ...sources.map(chronyRow),
  ];
}

/** Seconds, and chrony's sign: positive when the clock is ahead of its reference. */
function trackingText(system: SystemState): string {
  const { leap, stratum, refid, offsetMs, frequencyPpm, rootDelayMs, rootDispersionMs, jitterMs } = system;
  const isUnset = leap === 'alarm';
  const seconds = (value: number | null) => ((value ?? 0) / 1000).toFixed(9);
  const status = { none: 'Normal', add: 'Insert second', delete: 'Delete second', alarm: 'Not synchronised' }[
    leap ?? 'alarm'
  ];
  return [
    isUnset ? '00000000' : '0A000001',
    isUnset ? '' : refid,
    isUnset ? 0 : stratum,
    '1795383469.118389841',
    seconds(-(offsetMs ?? 0)),
    seconds(0),
    seconds(jitterMs),
    (-(frequencyPpm ?? 0)).toFixed(3),
    (system.residualFrequencyPpm ?? 0).toFixed(3),
    (system.skewPpm ?? 0).toFixed(3),
    isUnset ? '1.000000000' : seconds(rootDelayMs),
    isUnset ? '1.000000000' : seconds(rootDispersionMs),
    '64.0',
    status,
  ].join(',');
}

function chronyRow(source: Source): string {
  const { tally, remote, stratum, pollSeconds, reach, whenSeconds, offsetMs, uncertaintyMs } = source;
  const state = tally === ' ' || tally === '.' ? '?' : tally;
  const offset = (-(offsetMs ?? 0) / 1000).toFixed(9);
  const columns = [
    '^',
    state,
    remote,
    stratum === 16 ? 0 : stratum,
    Math.log2(pollSeconds ?? 64),
    (reach ?? 0).toString(8),
  ];
  // chronyc shows an age that no packet can have for a source that was never heard
  const error = ((uncertaintyMs ?? 0) / 1000).toFixed(9);
  return [...columns, whenSeconds ?? 4294967295, offset, offset, error].join(',');
}
