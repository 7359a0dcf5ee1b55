import { describe, expect, it } from '@jest/globals';
import { overLimits } from '../../infra/template/limits.ts';

const queues = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`Q${index}`, { Type: 'AWS::SQS::Queue', Properties: {} }]),
  );

describe('what one template can hold', () => {
  it('is 500 resources', () => {
    expect(overLimits({ Resources: queues(500) }, 400)).toEqual([]);
    expect(overLimits({ Resources: queues(501) }, 401)).toEqual([
      'The template with 401 pods: 501 resources, the limit is 500. Divide the pods over two fleet files, each a stage of its own.',
    ]);
  });

  it('counts the resources that are still to come', () => {
    expect(overLimits({ Resources: queues(430) }, 22, 71)).toEqual([expect.stringContaining('501 resources')]);
  });

  it('takes the resource policy as API Gateway saves it, with whole ARNs', () => {
    const Policy = Array.from({ length: 120 }, () => 'execute-api:/prod/GET/blue/*');
    expect(JSON.stringify(Policy).length).toBeLessThan(8192 / 2);
    const api = { Type: 'AWS::ApiGateway::RestApi', Properties: { Policy } };
    expect(overLimits({ Resources: { Api: api } }, 120)).toEqual([
      expect.stringMatching(/resource policy with 120 pods: \d{4} characters/),
    ]);
  });

  it('is 1 MB of text', () => {
    const big = { Type: 'AWS::SSM::Document', Properties: { Content: 'x'.repeat(1_048_576) } };
    expect(overLimits({ Resources: { Big: big } }, 2)).toEqual([
      expect.stringContaining('bytes, the limit is 1048576'),
    ]);
  });

  it('tells of policies too, and all at once', () => {
    const template = {
      Resources: {
        ...queues(600),
        Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Policy: 'p'.repeat(9000) } },
        Role: { Type: 'AWS::IAM::Role', Properties: { Policies: ['p'.repeat(11_000)] } },
      },
    };
    expect(overLimits(template, 90)).toEqual([
      expect.stringContaining('602 resources, the limit is 500'),
      expect.stringContaining("The API's resource policy with 90 pods: 9002 characters, the limit is 8192"),
      expect.stringContaining('Role Role with 90 pods: 11004 characters, the limit is 10240'),
    ]);
  });
});
