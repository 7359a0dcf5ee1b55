import { beforeAll, describe, expect, it } from '@jest/globals';
import { unzipSync } from 'fflate';
import { checksums, makeRelease, type Release, type ReleaseParts } from '../../infra/release/artifact.ts';
import { type Bom, settledBom } from '../../infra/release/sbom.ts';
import { standaloneTemplate } from '../../infra/release/template.ts';
import { functionLogicalId, type Template } from '../../infra/template/cloudformation.ts';
import { FUNCTIONS } from '../builders/functions.ts';
import { type Package, packagedForProduction } from '../builders/packaged-service.ts';

let prod: Package;
let parts: ReleaseParts;
let release: Release;
let template: Template;

const bom = (given: Partial<Bom> = {}): Bom => ({
  serialNumber: 'urn:uuid:fc696f43-a792-4d73-aad8-95761f4130ae',
  metadata: { timestamp: '2026-12-01T01:00:10.168Z', component: { 'bom-ref': 'podtime@0.1.0', name: 'some-folder' } },
  components: [
    { 'bom-ref': '@podtime/lab@0.1.0', name: 'lab' },
    { 'bom-ref': 'yaml@2.9.1', name: 'yaml' },
  ],
  ...given,
});

beforeAll(async () => {
  prod = await packagedForProduction();
  parts = {
    version: '0.1.0',
    stage: 'prod',
    region: 'us-west-2',
    template: JSON.parse(prod.file('cloudformation-template-update-stack.json').toString()),
    archive: (name) => prod.file(name),
    bom: bom(),
    pages: new Map([['README.md', Buffer.from('# read me\n')]]),
  };
  release = makeRelease(parts);
  template = JSON.parse(Buffer.from(release.files.get('template.json') ?? []).toString());
});

describe("a release's template", () => {
  it('finds each function at the parameters, under the name of an archive that is there, with its code', () => {
    const keys = FUNCTIONS.map((name) => {
      const { Code } = template.Resources[functionLogicalId(name)]?.Properties ?? {};
      expect(Code).toEqual({ S3Bucket: { Ref: 'CodeBucket' }, S3Key: { 'Fn::Sub': expect.any(String) } });
      return (Code as { S3Key: { 'Fn::Sub': string } }).S3Key['Fn::Sub'];
    });
    for (const [index, key] of keys.entries()) {
      expect(key).toMatch(/^\$\{CodePrefix\}[\w-]+\.zip$/);
      const archive = release.files.get(`functions/${key.replace('${CodePrefix}', '')}`) ?? new Uint8Array();
      expect(Object.keys(unzipSync(archive))).toEqual([`handlers/${FUNCTIONS[index]}.mjs`]);
    }
    const archives = [...release.files.keys()].filter((path) => path.startsWith('functions/'));
    expect(archives).toHaveLength(new Set(keys).size);
  });

  it('knows nothing of serverless, and is the packaged one for the rest', () => {
    const { Description: _, ...rest } = template;
    expect(JSON.stringify(rest).match(/.{0,40}(serverless|"sls-).{0,40}/gi)).toBeNull();
    const kept = Object.keys(prod.resources).filter((id) => !id.startsWith('ServerlessDeploymentBucket'));
    expect(Object.keys(prod.resources).length - kept.length).toBe(2);
    expect(Object.keys(template.Resources)).toEqual(kept);
    for (const id of kept) {
      const { Code: _, ...properties } = template.Resources[id]?.Properties ?? {};
      const { Code: __, ...packaged } = prod.resources[id]?.Properties ?? {};
      expect(properties).toEqual(
        template.Resources[id]?.Type === 'AWS::Lambda::Function' ? packaged : prod.properties(id),
      );
    }
    expect(Object.keys(template.Outputs as object)).toEqual(
      expect.arrayContaining(['ReportBucket', 'ApiUrlBlue', 'ApiUrlYellowDash2']),
    );
    expect(JSON.stringify(template.Outputs)).not.toContain('Export');
  });

  it('names no resource of a role, so that CAPABILITY_IAM is enough', () => {
    const named = Object.values(template.Resources).filter(
      ({ Type, Properties }) =>
        Type.startsWith('AWS::IAM::') &&
        Object.keys(Properties).some((key) => /^(Role|User|Group|ManagedPolicy)Name$/.test(key)),
    );
    expect(named).toEqual([]);
  });

  it.each([
    ['CodeBucket', ['podtime-code', 'a.b-c1'], ['s3://podtime', 'Podtime', 'ab', 'a/b']],
    ['CodePrefix', ['', 'podtime/', 'podtime/0.1.0/'], ['podtime', '/', '/podtime/', 'a//b/', 'a b/']],
  ])('takes only what can be a %s', (name, good, bad) => {
    const parameters = template.Parameters as Record<string, { AllowedPattern: string }>;
    const pattern = new RegExp(parameters[name]?.AllowedPattern ?? '');
    expect([...good, ...bad].filter((value) => pattern.test(value))).toEqual(good);
  });

  it('is refused where something still names the bucket of serverless', () => {
    const Strange = { Type: 'AWS::SNS::Topic', Properties: { TopicName: { Ref: 'ServerlessDeploymentBucket' } } };
    expect(() => standaloneTemplate({ Resources: { ...prod.resources, Strange } })).toThrow(
      'Strange of the template still names ServerlessDeploymentBucket',
    );
  });
});

describe('a release', () => {
  it('is one zip of its folder, the checksums of all else among it', () => {
    const unpacked = unzipSync(release.zip);
    expect(Object.keys(unpacked)).toEqual([...release.files.keys()].map((path) => `${release.name}/${path}`).sort());
    for (const [path, bytes] of release.files)
      expect(unpacked[`${release.name}/${path}`]).toEqual(new Uint8Array(bytes));
    const sums = new Map(release.files);
    sums.delete('SHA256SUMS');
    expect(Buffer.from(release.files.get('SHA256SUMS') ?? []).toString()).toBe(Buffer.from(checksums(sums)).toString());
    expect(release.name).toBe('podtime-0.1.0-prod-us-west-2');
  });

  it('is the same though npm told of it at another time, from another folder', () => {
    const other = bom({ serialNumber: 'urn:uuid:7c4c2437-5879-454a-8eb6-6dde3d825ae1' });
    other.metadata.timestamp = '2026-12-02T00:00:00.000Z';
    other.metadata.component.name = 'another-folder';
    expect(Buffer.compare(makeRelease({ ...parts, bom: other }).zip, release.zip)).toBe(0);
  });

  it('is another where it is made of something else', () => {
    const settled = settledBom(bom());
    const more = settledBom(bom({ components: [{ 'bom-ref': 'yaml@2.9.2', name: 'yaml' }] }));
    expect(more.serialNumber).not.toBe(settled.serialNumber);
    expect(settled.serialNumber).toMatch(/^urn:uuid:[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/);
    expect(settled.metadata).toEqual({ component: { 'bom-ref': 'podtime@0.1.0', name: 'podtime' } });
    expect(settled.components.map(({ name }) => name)).toEqual(['@podtime/lab', 'yaml']);
  });
});
