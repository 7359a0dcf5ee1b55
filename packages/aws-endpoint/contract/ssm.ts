import assert from 'node:assert/strict';
import {
  GetCommandInvocationCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  SendCommandCommand,
  type SendCommandCommandInput,
} from '@aws-sdk/client-ssm';
import { refusalOf } from '../src/testing/refusal.ts';
import type { Account, Clause } from './clause.ts';

const NO_COMMAND = '00000000-0000-4000-8000-000000000000';
const NO_INSTANCE = 'i-00000000000000000';

/**
 * Of a document that nobody has, to a tag that no instance bears: nothing is sent, whatever else is wrong. An unknown instance
 * would be a second fault, and which of two AWS tells is not known.
 */
function send({ ssm, mark }: Account, more: Partial<SendCommandCommandInput> = {}) {
  const Targets = [{ Key: `tag:verify-aws-${mark}`, Values: ['none'] }];
  return ssm.send(new SendCommandCommand({ DocumentName: `verify-aws-${mark}`, Targets, ...more }));
}

export const SSM: Clause[] = [
  {
    says: 'a parameter that is not there is ParameterNotFound',
    async holds({ ssm, mark }) {
      const error = await refusalOf(ssm.send(new GetParameterCommand({ Name: `/verify-aws-${mark}/mode` })));
      assert.deepEqual([error.name, error.status], ['ParameterNotFound', 400]);
    },
  },
  {
    says: 'of several parameters those that are not there are named, and that is no error',
    async holds({ ssm, mark }) {
      const Names = [`/verify-aws-${mark}/mode`, `/verify-aws-${mark}/other/mode`];
      const { Parameters, InvalidParameters } = await ssm.send(new GetParametersCommand({ Names }));
      assert.deepEqual([Parameters, InvalidParameters?.toSorted()], [[], Names]);
    },
  },
  {
    says: 'a path that nothing lies below is an empty list, and what is no path a ValidationException',
    async holds({ ssm, mark }) {
      const below = (Path: string) => ssm.send(new GetParametersByPathCommand({ Path }));
      assert.deepEqual((await below(`/verify-aws-${mark}`)).Parameters, []);
      assert.equal((await refusalOf(below(`verify-aws-${mark}`))).name, 'ValidationException');
    },
  },
  {
    says: 'a command that the lists do not know yet is an empty list, no error',
    async holds({ ssm }) {
      assert.deepEqual((await ssm.send(new ListCommandsCommand({ CommandId: NO_COMMAND }))).Commands, []);
      const invocations = await ssm.send(new ListCommandInvocationsCommand({ CommandId: NO_COMMAND, Details: true }));
      assert.deepEqual(invocations.CommandInvocations, []);
    },
  },
  {
    says: 'an invocation that is not known yet is InvocationDoesNotExist',
    async holds({ ssm }) {
      const call = ssm.send(new GetCommandInvocationCommand({ CommandId: NO_COMMAND, InstanceId: NO_INSTANCE }));
      assert.equal((await refusalOf(call)).name, 'InvocationDoesNotExist');
    },
  },
  {
    says: 'a document that is not there is InvalidDocument',
    async holds(account) {
      assert.equal((await refusalOf(send(account))).name, 'InvalidDocument');
    },
  },
  {
    says: 'limits that are broken are told all at once, in one ValidationException',
    async holds(account) {
      const error = await refusalOf(send(account, { TimeoutSeconds: 29, Comment: 'x'.repeat(101) }));
      assert.equal(error.name, 'ValidationException');
      assert.match(error.message, /2 validation errors detected/);
    },
  },
  {
    says: 'a page of invocations holds at most 50',
    async holds({ ssm }) {
      const error = await refusalOf(
        ssm.send(new ListCommandInvocationsCommand({ CommandId: NO_COMMAND, MaxResults: 51 })),
      );
      assert.equal(error.name, 'ValidationException');
    },
  },
];
