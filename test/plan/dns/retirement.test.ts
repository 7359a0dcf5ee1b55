import { describe, expect, it } from '@jest/globals';
import type { Host } from '../../../src/fleet/fleet.ts';
import { planRetirement, type RetirementInput } from '../../../src/plan/dns/retirement.ts';
import { client, id, POD, record, server } from '../../builders/plan-input.ts';

const B = server('b1', 'b');
const B_ID = B.instanceId;

function retire(given: Partial<RetirementInput> = {}) {
  const { changes, refusals } = planRetirement({
    pod: POD,
    mode: 'act',
    hosts: [],
    unread: [],
    ownerStates: {},
    records: [record(B)],
    ...given,
  });
  return { deleted: changes.map(({ action, name, reason }) => `${action} ${name}: ${reason}`), refusals };
}

describe('a pod that is retired', () => {
  it.each<[string, Host[], string]>([
    ['nobody that EC2 names', [], `EC2 names no ${B_ID} among its hosts`],
    ['a client now', [client('b1', 'b')], `${B_ID} is a client`],
    ['stopped', [{ ...B, state: 'stopped' }], `${B_ID} is stopped`],
    ['terminated', [{ ...B, state: 'terminated' }], `${B_ID} is terminated`],
    ['a server of another pod', [{ ...B, pod: 'green' }], `${B_ID} is running`],
  ])('loses the record of an owner that is %s', (_, hosts, what) => {
    expect(retire({ hosts })).toEqual({
      deleted: [`DELETE ntp.az-b.pod: pod blue is retired and ${what}`],
      refusals: [],
    });
  });

  it.each(['running', 'pending'] as const)('keeps the record of a server that is %s, and says why', (state) => {
    expect(retire({ hosts: [{ ...B, state }] })).toEqual({
      deleted: [],
      refusals: [
        {
          subject: B_ID,
          rule: 'lives',
          sentence: `ntp.az-b.pod A stays: ${B_ID} is ${state} and would be registered again. Stop it, or tag it as a client.`,
          cause: 'records stay: their owners live and would be registered again. Stop these, or tag them as clients',
        },
      ],
    });
  });

  it.each(['running', 'pending'])(
    'keeps the record of an owner that only its id shows to be %s, and says so',
    (state) => {
      expect(retire({ ownerStates: { [B_ID]: state } })).toEqual({
        deleted: [],
        refusals: [
          {
            subject: B_ID,
            rule: 'lives',
            sentence: `ntp.az-b.pod A stays: ${B_ID} is ${state}, though EC2 does not list it among the pod's hosts. Stop it first.`,
            cause:
              "records stay: their owners live, though EC2 does not list them among the pod's hosts. Stop these first",
          },
        ],
      });
      expect(retire({ ownerStates: { [B_ID]: 'terminated' } }).deleted).toHaveLength(1);
    },
  );

  it('keeps the record of an owner that EC2 could not be asked for, and says so', () => {
    expect(retire({ unread: [B_ID] })).toEqual({
      deleted: [],
      refusals: [
        {
          subject: B_ID,
          rule: 'unread-owner',
          sentence: `ntp.az-b.pod A stays: EC2 did not say whether ${B_ID} lives.`,
          cause: 'records stay: EC2 did not say whether their owners live',
        },
      ],
    });
    expect(retire({ unread: [id('c1')] }).deleted).toHaveLength(1);
    expect(retire({ unread: [B_ID], hosts: [{ ...B, state: 'terminated' }] }).deleted).toHaveLength(1);
  });

  it('is emptied in mode hold, too, for that is asked for, and in observe it is not', () => {
    expect(retire({ mode: 'hold' }).deleted).toHaveLength(1);
    expect(retire({ mode: 'observe' }).deleted).toEqual([]);
  });

  it('keeps what is not podtime’s', () => {
    expect(retire({ records: [record(B, { setIdentifier: null, multivalue: false })] }).deleted).toEqual([]);
  });

  it('says all that it keeps, in order', () => {
    const others = [server('c1', 'c'), server('a1', 'a')];
    const { refusals } = retire({
      hosts: others,
      records: [...others.map((host) => record(host)), record(B)],
      mode: 'observe',
    });
    expect(refusals.map(({ rule, subject }) => [subject, rule])).toEqual([
      [id('a1'), 'lives'],
      [id('c1'), 'lives'],
      ['ntp.az-b.pod', 'mode'],
    ]);
  });
});
