import { revisionOf } from '../../../src/config/revision.ts';
import type { Report } from '../../../src/report/report.ts';
import { driftingSince, wellSince } from '../../builders/kept-history.ts';
import fleet from '../../builders/shipped-fleet.ts';
import { HOSTILE_TEXTS, SCENARIOS } from '../../builders/status-scenarios.ts';
import { AGE_MS, type Served } from './served.ts';

/*
 * One clock as operators meet it, with what its daemon printed, how it was cycled and what was kept of it. All of it is put where the status
 * function reads it.
 */

const ROWS = {
  well: [
    '+10.0.1.161      192.0.2.11       3 u   34   64  377    0.412    0.218   0.061',
    '*10.0.2.177      192.0.2.12       3 u   12   64  377    0.388    0.204   0.052',
    '+10.0.3.193      192.0.2.13       3 u   51   64  377    0.402    0.231   0.070',
    ' 169.254.169.123 .AWS.            1 u   22   64  377    0.251    0.210   0.034',
  ],
  drifting: [
    '+10.0.1.161      192.0.2.11       3 u   34   64  377    0.412  182.391   0.961',
    'x10.0.2.177      192.0.2.12       3 u  190   64  356    0.388  182.413   1.152',
    '*10.0.3.193      192.0.2.13       3 u   51   64  377    0.402  182.402   0.870',
    ' 169.254.169.123 .AWS.            1 u   22   64  377    0.251  182.388   0.534',
  ],
};

function printed(rows: readonly string[], offset: string, revision: string, names = NAMES): string {
  return `${[
    'podtime-collect 1',
    'found ntpd 4.2.8p15 service=ntpd file=/etc/ntp.conf',
    'age 86400',
    'cycled 15120',
    `revision ${revision}`,
    `names ${names.join(' ')}`,
    'literals 169.254.169.123',
    'system ntpq',
    `leap=00, stratum=4, refid=10.0.2.177, offset=${offset}, rootdelay=0.9, rootdisp=1.2, sys_jitter=0.052, frequency=-12.131`,
    'sources ntpq',
    '     remote           refid      st t when poll reach   delay   offset  jitter',
    ...rows,
    'end',
  ].join('\n')}\n`;
}

const NAMES = ['ntp.az-a.pod', 'ntp.az-b.pod', 'ntp.az-c.pod'];

export const HOST_SCENARIOS = ['healthy', 'drifting', 'no-history', 'hostile'] as const;

/** Puts it all in place; answers the path of its page. */
export async function showHost(served: Served, name: (typeof HOST_SCENARIOS)[number]): Promise<string> {
  const seen = SCENARIOS[name === 'drifting' ? 'drifting' : 'healthy']?.();
  if (seen === undefined) throw new Error(`there is no scenario ${name}`);
  const { report } = seen;
  const host = hostOf(report, name);
  const endMs = Date.now() - AGE_MS;
  const kept = { pod: 'blue', instanceId: host, endMs, days: 30 };
  if (name === 'no-history') {
    await served.write(report);
    return `/blue/hosts/${host}`;
  }
  const pod = fleet.pods.find((each) => each.name === 'blue');
  const az = report.hosts.find(({ instanceId }) => instanceId === host)?.az ?? '';
  const revision = pod === undefined ? '-' : revisionOf(fleet, pod, 'client', az, 'ntpd');
  await served.keep(kept, name === 'drifting' ? driftingSince(endMs) : wellSince(endMs));
  const text = {
    healthy: printed(ROWS.well, '0.204', revision),
    drifting: printed(ROWS.drifting, '182.402', 'a1b2c3d4e5f60718', NAMES.slice(0, 2)),
    hostile: printed(
      [...HOSTILE_TEXTS.map((hostile) => `*${hostile}`), `+10.0.1.1\u001b[2J\u0007 \u202e 1 u ${'9'.repeat(300)}`],
      '<b>',
      '`id`',
      [...NAMES, ...HOSTILE_TEXTS],
    ),
  }[name];
  const commandId = await served.print(host, 'collect', text);
  if (name === 'healthy')
    await served.print(
      host,
      'cycle',
      `verdict cycled ntpd in 8 s\n${text.split('\n').slice(9, 14).join('\n')}\n`,
      'podtime tick-0 cycle: left behind by ntp.az-b.pod: polls 10.0.2.99, which no record has any more',
    );
  const row = { cycledSecondsAgo: name === 'healthy' ? 15_120 : undefined };
  const hosts = report.hosts.map((each) =>
    each.instanceId === host && row.cycledSecondsAgo ? { ...each, ...row } : each,
  );
  await served.write({ ...report, hosts: hosts as Report['hosts'], collectCommandIds: [commandId] });
  return `/blue/hosts/${host}`;
}

/** Of each scenario another, so that none has what was kept of one before. */
function hostOf({ hosts }: Report, name: (typeof HOST_SCENARIOS)[number]): string {
  const clients = hosts.filter(({ tier }) => tier === 'client');
  const host =
    name === 'drifting' ? clients.find(({ state }) => state === 'adrift') : clients[10 + HOST_SCENARIOS.indexOf(name)];
  return host?.instanceId ?? '';
}
