import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Build } from '../../infra/build.ts';
import { BuildError } from '../../infra/errors.ts';
import { NO_TOPICS } from '../../infra/monitoring/alarms.ts';
import { SERVICE } from '../builders/functions.ts';
import { type Package, packagedForProduction, ROOT, SILENT, sls } from '../builders/packaged-service.ts';
import { write } from '../builders/temporary-folder.ts';

let prod: Package;

beforeAll(async () => {
  prod = await packagedForProduction();
});

describe('a fleet that does not fit', () => {
  const pod = (index: number, ids: string) => `  pod${index}:
    region: us-west-2
    ${ids}
    networks: [10.${index}.0.0/16]
    azs: [us-west-2a]
`;
  const head = 'upstreams: [us-west-2b.stratum-2.invalid]\ntimeService: source\nleapSmear: accepted\npods:\n';
  const written = (fleet: string) => join(write({ 'fleet.yml': fleet }), 'fleet.yml');
  const packaging = (fleet: string) => {
    const settings = { fleetFile: written(fleet), stage: 'prod', region: 'us-west-2', topics: NO_TOPICS };
    return () => new Build(ROOT, SILENT, settings).check('package', SERVICE.functions);
  };
  const red = '  red: { region: eu-west-1, zone: { name: red.pod }, networks: [10.99.0.0/16], azs: [eu-west-1a] }\n';
  const many =
    head +
    Array.from({ length: 40 }, (_, index) =>
      pod(index, `zone: { name: p${index}.pod }\n    vpc: vpc-${String(index).padStart(8, '0')}`),
    ).join('');
  const faults = [
    ...[0, 39].flatMap((index) => [`Pod pod${index} has no zone id`, `Pod pod${index} has no endpoints`]),
    /The API's resource policy with 40 pods: \d+ characters, the limit is 8192/,
    /The template with 40 pods: \d+ resources, the limit is 500/,
  ];

  it('stops a deployment before CloudFormation, with all that is wrong in one message', async () => {
    const { status, output } = await sls('deploy', '--stage', 'prod', '--param', `fleet=${written(many + red)}`);
    expect(status).toBe(1);
    for (const fault of faults) expect(output).toMatch(fault);
    // it is none of this stack, so nothing is asked of it
    expect(output).not.toContain('Pod red');
    expect(output).not.toMatch(/credentials|CloudFormation| {4}at /);
  });

  it('stops packaging with the same message', () => {
    const check = packaging(many + red);
    expect(check).toThrow(BuildError);
    for (const fault of faults) expect(check).toThrow(fault);
    expect(check).not.toThrow('Pod red');
  });

  it('stops where the region has no pod at all', () => {
    const check = packaging(head + red);
    expect(check).toThrow(BuildError);
    expect(check).toThrow('has no pod in region us-west-2; its pods are in eu-west-1');
  });

  it('goes as far as AWS when it fits: then it is credentials that are missing', () => {
    const { status, output } = prod.outcome;
    expect(status).toBe(1);
    expect(output).toMatch(/credentials/i);
    expect(output).not.toContain('cannot be deployed');
  });
});

describe('a stage', () => {
  it('of a name that osls does not take is refused once', async () => {
    const { status, output } = await sls('package', '--stage', 'no stage!');
    expect(status).toBe(1);
    expect(output.match(/Invalid stage name.*/g)).toEqual([
      'Invalid stage name. Stage names may contain only ASCII letters, numbers, and hyphens.',
    ]);
  });

  it.each([
    ['dev where none is named', [], 'podtime-dev-collect'],
    ['the one that is named', ['--stage', 'prod-2'], 'podtime-prod-2-collect'],
  ])('is %s', async (_, args, collectDocument) => {
    const { output } = await sls('print', '--path', 'custom.collectDocument', ...args);
    expect(output).toContain(`${collectDocument}\n`);
  });
});
