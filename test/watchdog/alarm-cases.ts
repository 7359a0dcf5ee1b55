import { type Change, ChangeResourceRecordSetsCommand, type ResourceRecordSet } from '@aws-sdk/client-route-53';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { BUCKET, ZONE_ID } from '@podtime/aws-endpoint/testing';
import { KEPT_BACK_MS } from '../../src/watchdog/budget.ts';
import { type AlarmedPod, SERVER_B, SERVER_C, settled, unheard, upstreams } from '../builders/alarmed-pod.ts';
import { leaving } from '../builders/aws-call.ts';
import { row } from '../builders/endpoint-pod.ts';

/** What raises alarms, and what mends it. */
export interface AlarmCase {
  break_: (alarmed: AlarmedPod) => void;
  mend: (alarmed: AlarmedPod) => void;
  /** The first gives the reason. */
  raises: string[];
  reason: RegExp;
}

const TIME_SERVICE = '169.254.169.123';
const NO_DAEMON = 'podtime-collect 1\nfound none\nend\n';
/** More than are made. */
const ALL_CALLS = { times: 10_000 };
const fails = (operation: string): Pick<AlarmCase, 'break_' | 'mend'> => ({
  break_: ({ pod }) => pod.endpoint.faults.next(operation, 'AccessDenied', ALL_CALLS),
  mend: ({ pod }) => pod.endpoint.faults.clear(),
});

/** Before the next tick, and no other. */
const once = (alarmed: AlarmedPod, happen: () => Promise<unknown>) => async () => {
  alarmed.beforeTick = () => {};
  await happen();
};
const changeZone = ({ pod }: AlarmedPod, Changes: Change[]) =>
  pod.route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: ZONE_ID, ChangeBatch: { Changes } }));
/** A record that lets none of podtime's in beside it. */
const simple = (Action: 'CREATE' | 'DELETE', letter: string): Change => ({
  Action,
  ResourceRecordSet: {
    Name: `ntp.az-${letter}.pod.`,
    Type: 'A',
    TTL: 300,
    ResourceRecords: [{ Value: '10.0.9.9' }],
  },
});

/** What is wrong with the ticks themselves. */
const OF_TICKS: Record<string, AlarmCase> = {
  'ticks that cannot read the zone': {
    ...fails('ListResourceRecordSets'),
    raises: ['watchdog-blind'],
    reason: /^\[1 /,
  },
  'ticks that run out of time': {
    break_: ({ pod }) => {
      pod.run.deadline = leaving(KEPT_BACK_MS.afterLook);
    },
    mend: ({ pod }) => {
      pod.run.deadline = leaving(600_000);
    },
    raises: ['watchdog-out-of-time', 'boundary-coverage', 'boundary-below-floor', 'client-coverage'],
    reason: /^\[1 /,
  },
  'ticks that die with their turn': {
    break_: (alarmed) => {
      alarmed.beforeTick = async () => {
        const nowMs = alarmed.pod.clock.nowMs();
        const claim = { tickId: 'tick-dead', startedAtMs: nowMs - 200_000, untilMs: nowMs - 1 };
        const Body = JSON.stringify({ ...alarmed.pod.state(), claim });
        await alarmed.pod.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'blue/state.json', Body }));
      };
    },
    mend: (alarmed) => {
      alarmed.beforeTick = () => {};
    },
    raises: ['watchdog-taken-over'],
    reason: /^\[1 /,
  },
  'a change that Route 53 refuses': {
    break_: (alarmed) => {
      fails('ChangeResourceRecordSets').break_(alarmed);
      alarmed.pod.addHost(13, 'boundary', 'us-west-2a', { sources: upstreams() });
    },
    mend: fails('ChangeResourceRecordSets').mend,
    raises: ['watchdog-refused'],
    reason: /^\[1 /,
  },
};

/** What is wrong with hosts of either tier. */
const OF_HOSTS: Record<string, AlarmCase> = {
  'a clock that drifts': {
    break_: (alarmed) => Object.assign(alarmed.printed(21), { offsetMs: 80 }),
    mend: (alarmed) => Object.assign(alarmed.printed(21), { offsetMs: 0.02 }),
    raises: ['client-adrift'],
    reason: /^\[1 \(\d\d:\d\d:\d\d\), 1 .*were greater than or equal to 1 \(2 of 3 raise it\)$/,
  },
  "a boundary server that drifts from AWS's clock": {
    break_: (alarmed) => {
      alarmed.printed(11).sources = [
        ...upstreams(),
        row('x', TIME_SERVICE, { stratum: 1, offset: '80.5', refid: '.AMZN.' }),
      ];
    },
    mend: (alarmed) => {
      alarmed.printed(11).sources = upstreams();
    },
    raises: ['boundary-adrift-from-time-service', 'boundary-adrift'],
    reason: /^\[1 /,
  },
  'a daemon that is dead': {
    break_: (alarmed) => Object.assign(alarmed.more(22), { prints: NO_DAEMON }),
    mend: (alarmed) => delete alarmed.more(22).prints,
    raises: ['client-unsynchronised'],
    reason: /^\[1 /,
  },
  'agents that are dead': {
    break_: (alarmed) => {
      alarmed.agent(23).online = false;
    },
    mend: (alarmed) => {
      alarmed.agent(23).online = true;
    },
    raises: ['client-coverage'],
    reason: /^\[75 \(.*\), 75 \(.*were less than 90 \(2 of 3 raise it\)$/,
  },
  'reach lost to a server': {
    break_: (alarmed) => {
      for (const n of [21, 22]) alarmed.printed(n).sources = [row('*', SERVER_B), row('+', SERVER_C, { reach: '360' })];
    },
    mend: (alarmed) => {
      for (const n of [21, 22]) Object.assign(alarmed.printed(n), settled());
    },
    raises: ['client-low-reach'],
    reason: /^\[50 \(.*were greater than 20 \(2 of 3 raise it\)$/,
  },
  'boundary servers of which none is confident': {
    break_: (alarmed) => {
      for (const n of [11, 12]) alarmed.printed(n).sources = [row('*', '192.0.2.1', { stratum: 2, reach: '1' })];
    },
    mend: (alarmed) => {
      for (const n of [11, 12]) alarmed.printed(n).sources = upstreams();
    },
    raises: ['boundary-below-floor', 'boundary-low-reach', 'boundary-lies-left'],
    reason: /./,
  },
  'confident boundary servers that DNS does not name': {
    break_: (alarmed) => {
      alarmed.beforeTick = once(alarmed, async () => {
        const { records } = await alarmed.pod.run.ports.zone.read(alarmed.pod.pod);
        const own = records.map(
          ({ raw }): Change => ({ Action: 'DELETE', ResourceRecordSet: raw as ResourceRecordSet }),
        );
        await changeZone(alarmed, [...own, ...['b', 'c'].map((letter) => simple('CREATE', letter))]);
      });
    },
    mend: (alarmed) => {
      alarmed.beforeTick = once(alarmed, () =>
        changeZone(
          alarmed,
          ['b', 'c'].map((letter) => simple('DELETE', letter)),
        ),
      );
    },
    raises: ['boundary-below-floor'],
    reason: /^\[0 \(.*were less than 1 \(2 of 3 raise it\)$/,
  },
  'a client that is unsure': {
    break_: (alarmed) => Object.assign(alarmed.printed(21), { rootDispersionMs: 250 }),
    mend: (alarmed) => Object.assign(alarmed.printed(21), { rootDispersionMs: 10.2 }),
    raises: ['client-uncertain'],
    reason: /^\[1 /,
  },
  'a boundary server that is unsure': {
    break_: (alarmed) => Object.assign(alarmed.printed(11), { rootDispersionMs: 250 }),
    mend: (alarmed) => Object.assign(alarmed.printed(11), { rootDispersionMs: 10.2 }),
    raises: ['boundary-uncertain'],
    reason: /^\[1 /,
  },
  'clients that hear nobody': {
    break_: (alarmed) => {
      for (const each of [alarmed.printed(21), alarmed.printed(22)]) Object.assign(each, unheard(settled()));
    },
    mend: (alarmed) => {
      for (const each of [alarmed.printed(21), alarmed.printed(22)]) Object.assign(each, settled());
    },
    raises: ['client-holdover', 'client-low-reach'],
    reason: /^\[2 /,
  },
  'boundary servers that hear nobody': {
    break_: (alarmed) => {
      for (const n of [11, 12]) Object.assign(alarmed.printed(n), unheard({ sources: upstreams() }));
    },
    mend: (alarmed) => {
      for (const n of [11, 12]) alarmed.printed(n).sources = upstreams();
    },
    raises: ['boundary-holdover', 'boundary-below-floor', 'boundary-low-reach', 'boundary-lies-left'],
    reason: /^\[2 /,
  },
  'a boundary server that has two clocks left': {
    break_: (alarmed) => {
      alarmed.printed(12).sources = upstreams().slice(0, 2);
    },
    mend: (alarmed) => {
      alarmed.printed(12).sources = upstreams();
    },
    raises: ['boundary-lies-left'],
    reason: /^\[0 \(.*were less than 1 \(2 of 3 raise it\)$/,
  },
  'an upstream that both boundary servers see apart': {
    break_: (alarmed) => {
      const liar = row('x', '192.0.2.4', { stratum: 2, offset: '30.5', refid: '198.51.100.4' });
      for (const n of [11, 12]) alarmed.printed(n).sources = [...upstreams(), liar];
    },
    mend: (alarmed) => {
      for (const n of [11, 12]) alarmed.printed(n).sources = upstreams();
    },
    raises: ['watchdog-upstream-contradicted'],
    reason: /^\[1 /,
  },
  'a boundary server that its clients contradict': {
    break_: (alarmed) => {
      const liar = row('x', SERVER_C, { offset: '12.5' });
      const others = [row('*', SERVER_B), row('+', TIME_SERVICE, { stratum: 1, refid: '.AMZN.' })];
      for (const n of [21, 22, 23]) alarmed.printed(n).sources = [...others, liar];
    },
    mend: (alarmed) => {
      for (const n of [21, 22, 23]) Object.assign(alarmed.printed(n), settled());
    },
    raises: ['boundary-contradicted'],
    reason: /^\[1 /,
  },
  'boundary servers without a daemon': {
    break_: (alarmed) => {
      alarmed.more(11).prints = NO_DAEMON;
    },
    mend: (alarmed) => delete alarmed.more(11).prints,
    raises: ['boundary-unsynchronised'],
    reason: /^\[1 /,
  },
  'a boundary server whose agent is dead': {
    break_: (alarmed) => {
      alarmed.agent(11).online = false;
    },
    mend: (alarmed) => {
      alarmed.agent(11).online = true;
    },
    raises: ['boundary-coverage'],
    reason: /^\[50 \(.*were less than 90 \(2 of 3 raise it\)$/,
  },
  "a client that drifts from AWS's clock": {
    break_: (alarmed) => {
      alarmed.printed(21).sources = [
        ...(settled().sources ?? []),
        row(' ', TIME_SERVICE, { stratum: 1, offset: '80.5', refid: '.AMZN.' }),
      ];
    },
    mend: (alarmed) => Object.assign(alarmed.printed(21), settled()),
    raises: ['client-adrift-from-time-service', 'client-adrift'],
    reason: /^\[1 /,
  },
};

export const ALARM_CASES: Record<string, AlarmCase> = { ...OF_TICKS, ...OF_HOSTS };
