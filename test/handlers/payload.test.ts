import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { COLLECT } from '../../handlers/invocation/collect-payload.ts';
import { CYCLE } from '../../handlers/invocation/cycle-payload.ts';
import { PayloadError, read } from '../../handlers/invocation/payload.ts';
import { STATE_CHANGE } from '../../handlers/invocation/state-changes.ts';
import { DNS_CHANGED, WATCHDOG } from '../../handlers/invocation/watchdog-payload.ts';

function faultsOf(schema: Parameters<typeof read>[0], payload: unknown): string[] {
  try {
    read(schema, payload);
    return [];
  } catch (error) {
    if (error instanceof PayloadError) return error.faults;
    throw error;
  }
}

const ID = 'i-0123456789abcdef0';
const event = (detail: unknown) => ({
  source: 'aws.ec2',
  'detail-type': 'EC2 Instance State-change Notification',
  detail,
});
const A_POD = 'one of the pods blue, green';
const AN_ID = 'an instance id (i- and 8 or 17 hexadecimal digits)';

describe('a payload that is right', () => {
  it.each([
    ['cycle', CYCLE, { pod: 'blue' }],
    [
      'cycle',
      CYCLE,
      { pod: 'blue', tier: 'client', az: 'az-e', instanceIds: [ID, 'i-01234567'], dryRun: true, force: false },
    ],
    ['collect', COLLECT, { pod: 'green', instanceIds: [ID] }],
    ['watchdog', WATCHDOG, { pod: 'blue', scheduled: true, delaySeconds: 59 }],
    ['watchdog', WATCHDOG, { pod: 'blue', retire: true, dryRun: true }],
    ['watchdog', DNS_CHANGED, { source: 'podtime', 'detail-type': 'DNS changed', detail: { pod: 'blue', names: [] } }],
    ['instances', STATE_CHANGE, { ...event({ 'instance-id': ID, state: 'stopping' }), account: '123456789012' }],
  ] as [string, Parameters<typeof read>[0], unknown][])('of %s is taken as it is', (_, schema, payload) => {
    expect(faultsOf(schema, payload)).toEqual([]);
    expect(read(schema, payload)).toMatchObject(
      schema === STATE_CHANGE ? event({ 'instance-id': ID, state: 'stopping' }) : (payload as object),
    );
  });
});

describe('a payload that is wrong is told every fault, with what is expected and what was given', () => {
  it.each<[string, Parameters<typeof read>[0], unknown, string[]]>([
    [
      'every field of cycle',
      CYCLE,
      { pod: 'blue', dryRun: 'yes', tier: 'clients', az: 5, force: 1, instanceIds: 'all', colour: 'red' },
      [
        'tier must be boundary or client, not "clients".',
        'az must be the name of an AZ, not 5.',
        'instanceIds must be a list of 1 to 50 instance ids, not "all".',
        'dryRun must be true or false, not "yes".',
        'force must be true or false, not 1.',
        'The payload has unknown field "colour"; there are pod, tier, az, instanceIds, dryRun, force.',
      ],
    ],
    [
      'a name and a value that steer a terminal',
      COLLECT,
      { pod: 'blue\u{202e}', '\u{1b}[2J\u{202e}': 1 },
      [
        'pod must be one of the pods blue, green, not "blue\\u202e".',
        'The payload has unknown field "\\u001b[2J\\u202e"; there are pod, instanceIds.',
      ],
    ],
    [
      'no payload',
      CYCLE,
      undefined,
      ['The payload is missing; it must be an object with pod, tier, az, instanceIds, dryRun, force.'],
    ],
    ['null', COLLECT, null, ['The payload must be an object with pod, instanceIds, not null.']],
    ['text', COLLECT, 'blue', ['The payload must be an object with pod, instanceIds, not "blue".']],
    ['a list', COLLECT, [], ['The payload must be an object with pod, instanceIds, not an empty list.']],
    ['no pod', COLLECT, {}, [`pod is missing; it must be ${A_POD}.`]],
    ['a pod that is a number', COLLECT, { pod: 5 }, [`pod must be ${A_POD}, not 5.`]],
    ['another pod', COLLECT, { pod: 'red' }, [`pod must be ${A_POD}, not "red".`]],
    ['a pod that is null', WATCHDOG, { pod: null }, [`pod must be ${A_POD}, not null.`]],
    [
      'an AZ of none, beside another fault',
      CYCLE,
      { pod: 'green', az: 'az-g', dryRun: 'yes' },
      [
        'dryRun must be true or false, not "yes".',
        'az must be an AZ of pod green (us-west-2a, us-west-2b, us-west-2c, also as az-a or a), not "az-g".',
      ],
    ],
    [
      'ids that are none',
      COLLECT,
      { pod: 'blue', instanceIds: [ID, 'i-0123456789ab', 'web-1', null] },
      [
        `instanceIds[1] must be ${AN_ID}, not "i-0123456789ab".`,
        `instanceIds[2] must be ${AN_ID}, not "web-1".`,
        `instanceIds[3] must be ${AN_ID}, not null.`,
      ],
    ],
    [
      'no ids',
      COLLECT,
      { pod: 'blue', instanceIds: [] },
      ['instanceIds must be a list of 1 to 50 instance ids, not an empty list.'],
    ],
    [
      'too many ids',
      COLLECT,
      { pod: 'blue', instanceIds: Array.from({ length: 51 }, () => ID) },
      ['instanceIds must be a list of 1 to 50 instance ids, not a list of 51.'],
    ],
    [
      'a delay',
      WATCHDOG,
      { pod: 'blue', scheduled: false, delaySeconds: 60 },
      ['scheduled must be true, or left out, not false.', 'delaySeconds must be a whole number from 0 to 59, not 60.'],
    ],
    [
      'half a second',
      WATCHDOG,
      { pod: 'blue', delaySeconds: 0.5 },
      ['delaySeconds must be a whole number from 0 to 59, not 0.5.'],
    ],
    [
      'several unknown fields',
      WATCHDOG,
      { pod: 'blue', a: 1, b: 2 },
      ['The payload has unknown fields "a", "b"; there are pod, dryRun, scheduled, delaySeconds, retire, settle.'],
    ],
    [
      'a schedule that would empty a pod, beside another fault',
      WATCHDOG,
      { pod: 'blue', scheduled: true, retire: true, dryRun: 'yes' },
      ['dryRun must be true or false, not "yes".', 'retire must be left out of a schedule, a pod is retired by hand.'],
    ],
    [
      'an unknown state',
      STATE_CHANGE,
      event({ 'instance-id': ID, state: 'rebooting' }),
      ['detail.state must be one of pending, running, shutting-down, terminated, stopping, stopped, not "rebooting".'],
    ],
    [
      'an event without its detail',
      STATE_CHANGE,
      { source: 'aws.ec2' },
      [
        'detail-type is missing; it must be "EC2 Instance State-change Notification".',
        'detail is missing; it must be an object with instance-id, state.',
      ],
    ],
    [
      'an event without an id',
      STATE_CHANGE,
      event({ state: 'running' }),
      [`detail.instance-id is missing; it must be ${AN_ID}.`],
    ],
    [
      'an event of others',
      DNS_CHANGED,
      { source: 'aws.ec2', 'detail-type': 'DNS changed', detail: { pod: 'red', names: ['a', 5] } },
      [
        'source must be "podtime", not "aws.ec2".',
        `detail.pod must be ${A_POD}, not "red".`,
        'detail.names[1] must be a name, not 5.',
      ],
    ],
    ['a long text', COLLECT, { pod: 'x'.repeat(100_000) }, [`pod must be ${A_POD}, not "${'x'.repeat(40)}"….`]],
    ['an object for a flag', CYCLE, { pod: 'blue', force: {} }, ['force must be true or false, not an object.']],
  ])('%s', (_, schema, payload, faults) => {
    expect(faultsOf(schema, payload)).toEqual(faults);
  });

  it('whatever it is: a sentence on one line for each fault, never one that says nothing', () => {
    const schemas = fc.constantFrom<Parameters<typeof read>[0]>(CYCLE, COLLECT, WATCHDOG, DNS_CHANGED, STATE_CHANGE);
    const field = fc.constantFrom(
      'pod',
      'tier',
      'az',
      'instanceIds',
      'dryRun',
      'scheduled',
      'detail',
      'source',
      'x\ny',
    );
    const payloads = fc.oneof(fc.jsonValue(), fc.dictionary(field, fc.oneof(fc.jsonValue(), fc.constant('blue'))));
    fc.assert(
      fc.property(schemas, payloads, (schema, payload) => {
        for (const fault of faultsOf(schema, payload)) {
          expect(fault).toMatch(/^(The payload|[\w.[\]-]+) (must be|is missing; it must be|has unknown fields?) .+\.$/);
          expect(fault).not.toContain('Invalid input');
        }
      }),
    );
  });
});
