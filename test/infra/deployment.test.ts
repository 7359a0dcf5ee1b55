import { describe, expect, it } from '@jest/globals';
import { artifactFolder, settleDeployment } from '../../infra/template/deployment.ts';

const response = { Type: 'AWS::ApiGateway::GatewayResponse', Properties: { StatusCode: '404' } };

function settled(name: string, path: string, responses = { NotFound: response }): Record<string, unknown> {
  const template = {
    Resources: {
      Resource: { Type: 'AWS::ApiGateway::Resource', Properties: { PathPart: path } },
      [`ApiGatewayDeployment${name}`]: {
        Type: 'AWS::ApiGateway::Deployment',
        DependsOn: ['Method'],
        Properties: { StageName: 'dev', RestApiId: 'api' },
      },
    },
  };
  settleDeployment(template, responses, 'dev', []);
  return Object.fromEntries(
    Object.entries(template.Resources).filter(([, { Type }]) => Type === 'AWS::ApiGateway::Deployment'),
  );
}

describe("the API's deployment", () => {
  it('waits for the methods and for the gateway responses', () => {
    expect(Object.values(settled('1795390056824', 'register'))).toEqual([
      { Type: 'AWS::ApiGateway::Deployment', DependsOn: ['Method', 'NotFound'], Properties: { RestApiId: 'api' } },
    ]);
  });

  it('has the same name whenever the same API is packaged', () => {
    expect(settled('1795390056824', 'register')).toEqual(settled('1795390099999', 'register'));
  });

  it('has another name, and so is made anew, when a path or a response changes', () => {
    const [first] = Object.keys(settled('1', 'register'));
    const gone = { ...response, Properties: { StatusCode: '410' } };
    expect(Object.keys(settled('1', 'status.json'))).not.toEqual([first]);
    expect(Object.keys(settled('1', 'register', { NotFound: gone }))).not.toEqual([first]);
  });
});

describe("the archives' folder", () => {
  it('is named by the time of day, unless SOURCE_DATE_EPOCH stands for it', () => {
    expect(artifactFolder('podtime', 'prod', {})).toBeNull();
    expect(artifactFolder('podtime', 'prod', { SOURCE_DATE_EPOCH: '1795390056' })).toBe(
      'serverless/podtime/prod/1795390056000-2026-11-22T23:27:36.000Z',
    );
    expect(() => artifactFolder('podtime', 'prod', { SOURCE_DATE_EPOCH: 'now' })).toThrow(
      "SOURCE_DATE_EPOCH is 'now', not seconds since 1970.",
    );
  });
});
