import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readStageFleet } from '../../infra/stage.ts';
import { write } from '../builders/temporary-folder.ts';

const fixtures = join(import.meta.dirname, '../fixtures/infra');
const settings = { fleetFile: 'two-regions.yml', stage: 'dev', region: 'us-west-2' };

describe("the stage's fleet", () => {
  it('holds the pods of the region, and names the others', () => {
    const read = readStageFleet(fixtures, settings);
    expect(read.fleet.pods.map((pod) => pod.name)).toEqual(['blue', 'green-2']);
    expect(read.leftOut).toEqual(['red (eu-west-1)']);
    expect(read.deployFaults).toEqual([]);
  });

  it('is refused for a region without pods, with the regions that have some', () => {
    expect(() => readStageFleet(fixtures, { ...settings, region: 'ap-south-1' })).toThrow(
      'two-regions.yml has no pod in region ap-south-1; its pods are in eu-west-1, us-west-2. Choose one by --region.',
    );
  });

  it('tells every fault of the file at once, each with its line', () => {
    const folder = write({ 'bad.yml': 'upstreams: []\ntimeService: never\ncolour: red\npods: {}\n' });
    const read = () => readStageFleet(folder, { ...settings, fleetFile: 'bad.yml' });
    expect(read).toThrow(/^bad\.yml has \d faults; nothing is built\.\n/);
    expect(read).toThrow(/bad\.yml:1: /);
    expect(read).toThrow(/bad\.yml:2: /);
    expect(read).toThrow(/bad\.yml:3: colour is not a setting/);
  });

  it('says when there is no such file', () => {
    const read = () => readStageFleet(fixtures, { ...settings, fleetFile: 'none.yml' });
    expect(read).toThrow(
      `The fleet file none.yml cannot be read: there is no such file (looked for it at ${join(fixtures, 'none.yml')}).`,
    );
    const folder = () => readStageFleet(fixtures, { ...settings, fleetFile: '.' });
    expect(folder).toThrow('The fleet file . cannot be read: it is a folder (looked for it at ');
    const endless = () => readStageFleet(fixtures, { ...settings, fleetFile: '/dev/zero' });
    expect(endless).toThrow('The fleet file /dev/zero cannot be read: it is a device (looked for it at /dev/zero).');
  });

  describe('with other faults', () => {
    const text = `upstreams: [us-west-2b.stratum-2.invalid]
timeService: reference
pods:
  blue: { region: us-west-2, zone: { name: pod }, networks: [10.20.0.0/16], azs: [us-west-2a], intervalSeconds: 4 }
  green: { region: us-west-2, vpc: 7, zone: 7, networks: [10.30.0.0/16], azs: [us-west-2a], endpoints: 7 }
  red: { region: eu-west-1, zone: { name: red.pod }, networks: [10.40.0.0/16], azs: [eu-west-1a] }
  none: null
`;
    const read = (stage: string) => () =>
      readStageFleet(write({ 'bad.yml': text }), { ...settings, stage, fleetFile: 'bad.yml' });

    it('is told with the ids that the region lacks, in one message', () => {
      expect(read('prod')).toThrow(/^bad\.yml:4: pods\.blue\.intervalSeconds is 4; /m);
      expect(read('prod')).toThrow(
        `
Nor could it be deployed.
- Pod blue has no vpc: without it no instance would be the pod's.
- Pod blue has no zone id: without it podtime knows no zone to write to.
- Pod blue has no endpoints and no newEndpoint: without one no host reaches the API.
- Pod green has no zone id: without it podtime knows no zone to write to.`,
      );
      expect(read('prod')).not.toThrow('Pod red has');
      expect(read('prod')).not.toThrow('Pod green has no vpc');
      expect(read('prod')).not.toThrow('Pod green has no endpoints');
    });

    it.each(['local', 'dev'])('is told alone in stage %s, which is packaged without ids', (stage) => {
      expect(read(stage)).toThrow('pods.blue.intervalSeconds is 4; ');
      expect(read(stage)).not.toThrow('Nor could it be deployed.');
    });
  });

  it('of the local stage needs no ids that only AWS gives, any other needs them to be deployed', () => {
    const root = join(import.meta.dirname, '../..');
    const shipped = { fleetFile: 'fleet.yml', region: 'us-west-2' };
    expect(readStageFleet(root, { ...shipped, stage: 'local' }).deployFaults).toEqual([]);
    expect(readStageFleet(root, { ...shipped, stage: 'dev' }).deployFaults).toContainEqual(
      expect.stringContaining('Pod blue has no vpc'),
    );
  });
});
