import { describe, expect, it } from '@jest/globals';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { proxyEvent } from './gateway.ts';
import { faultsOf } from './openapi.ts';

const FILE = proxyEvent('GET', {});
const HEAD = proxyEvent('HEAD', {});
const REGISTER = proxyEvent('POST', {}, {}, '/{pod}/register');

const file: APIGatewayProxyResult = {
  statusCode: 200,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache', etag: '"abc"' },
  body: 'server ntp.az-a.pod\n',
};
const problem: APIGatewayProxyResult = {
  statusCode: 404,
  headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
  body: '{"title":"Not Found","status":404,"detail":"There is no such pod."}',
};
const registration: APIGatewayProxyResult = {
  statusCode: 200,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: '{"pod":"blue","sentences":[],"changes":[],"refusals":[]}',
};

describe('an answer held against the description of the API', () => {
  it('is right when it is as described', () => {
    expect(faultsOf(FILE, file)).toEqual([]);
    expect(faultsOf(FILE, problem)).toEqual([]);
    expect(faultsOf(HEAD, { ...file, body: '' })).toEqual([]);
    expect(faultsOf(REGISTER, registration)).toEqual([]);
  });

  it.each<[string, typeof FILE, APIGatewayProxyResult, RegExp]>([
    ['a status', FILE, { ...file, statusCode: 302 }, /status 302 is not described/],
    ['a content type', FILE, { ...file, headers: { ...file.headers, 'content-type': 'text/html' } }, /text\/html/],
    ['a header missing', FILE, { ...file, headers: { 'content-type': 'text/plain' } }, /ETag is missing/],
    ['a weak ETag', FILE, { ...file, headers: { ...file.headers, etag: 'W/"abc"' } }, /header ETag must match/],
    ['an empty file', FILE, { ...file, body: '' }, /body must NOT have fewer/],
    ['a body to HEAD', HEAD, file, /a body where none is described/],
    ['a problem without a sentence', FILE, { ...problem, body: '{"title":"Not Found"}' }, /'detail'/],
    ['a problem that tells more', FILE, { ...problem, body: '{"title":"x","detail":"y","stack":"z"}' }, /stack/],
    ['JSON that is none', REGISTER, { ...registration, body: '<html>' }, /no JSON/],
    ['a member unknown', REGISTER, { ...registration, body: '{"pod":"b","colour":1}' }, /colour/],
  ])('is wrong with %s', (_, event, answer, fault) => {
    expect(faultsOf(event, answer).join('; ')).toMatch(fault);
  });

  it('to what is not described may only be a problem', () => {
    expect(faultsOf(proxyEvent('DELETE', {}), problem)).toEqual([]);
    expect(faultsOf(proxyEvent('DELETE', {}), file)).not.toEqual([]);
    expect(faultsOf(undefined, problem)).toEqual([]);
  });
});
