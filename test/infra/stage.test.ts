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
    expect(read).toThrow('The fleet file none.yml cannot be read: ENOENT');
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
