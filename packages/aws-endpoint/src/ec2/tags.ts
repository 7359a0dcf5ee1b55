import { AwsError } from '../errors.ts';
import { page } from '../paging.ts';
import type { XmlNode } from '../protocol/xml.ts';
import { type GivenFilter, readFilter, readPageSize } from './filters.ts';
import { checkIds, type Instances } from './instances.ts';

type Output = Record<string, XmlNode | XmlNode[] | undefined>;

/** EC2 user guide, "Tag restrictions". */
const LIMITS = { tags: 50, keyCharacters: 127, valueCharacters: 255 };

interface Tag {
  key: string;
  value: string;
  resourceId: string;
}

const FILTERS: Record<string, (tag: Tag) => string[]> = {
  key: ({ key }) => [key],
  value: ({ value }) => [value],
  'resource-id': ({ resourceId }) => [resourceId],
  'resource-type': () => ['instance'],
};

/** The tags of instances, which are all that is tagged here. */
export function describeTags(input: Record<string, unknown>, instances: Instances): Output {
  const filters = ((input.Filter ?? []) as GivenFilter[]).map((filter) =>
    readFilter<Tag>(filter, FILTERS, (tag, key) => (tag.key === key ? [tag.value] : [])),
  );
  const size = readPageSize(input.MaxResults);
  const tags = instances
    .all()
    .flatMap((instance) =>
      Object.entries(instances.tagsOf(instance)).map(
        ([key, value]): Tag => ({ key, value, resourceId: instance.instanceId }),
      ),
    )
    .filter((tag) => filters.every((keep) => keep(tag)));
  const found = page(tags, size, input.NextToken, `DescribeTags ${JSON.stringify([input.Filter, size])}`);
  const item = found.items.map(({ key, resourceId, value }) => ({ key, resourceId, resourceType: 'instance', value }));
  return { nextToken: found.nextToken, tagSet: { item } };
}

/** Those that are there get the new value. */
export function createTags(input: Record<string, unknown>, instances: Instances): Output {
  const ids = readResources(input, instances);
  const tags = readTags(input);
  if (tags.length === 0) throw missing('tagSet');
  const wrong = tags.find(({ Key: key = '', Value: value = '' }) => {
    const isReserved = /^aws:/i.test(key);
    return key === '' || isReserved || key.length > LIMITS.keyCharacters || value.length > LIMITS.valueCharacters;
  });
  if (wrong !== undefined) {
    throw new AwsError(
      'InvalidParameterValue',
      `Tag key ${wrong.Key ?? ''} cannot be used: keys have 1 to ${LIMITS.keyCharacters} characters and do not begin with aws:, values have up to ${LIMITS.valueCharacters}.`,
    );
  }
  const given = Object.fromEntries(tags.map(({ Key: key = '', Value: value = '' }) => [key, value]));
  for (const id of ids) {
    const all = { ...instances.find(id)?.tags, ...given };
    if (Object.keys(all).length > LIMITS.tags)
      throw new AwsError('TagLimitExceeded', `More than ${LIMITS.tags} tags for ${id}.`);
  }
  for (const id of ids) instances.tag(id, given);
  return { return: true };
}

/** By key; with a value only where the tag has it. Without tags all of them. What is not there is no error. */
export function deleteTags(input: Record<string, unknown>, instances: Instances): Output {
  const tags = input.Tag === undefined ? null : readTags(input);
  for (const id of readResources(input, instances)) {
    const has = instances.find(id)?.tags ?? {};
    const gone = Object.keys(has).filter(
      (key) => tags === null || tags.some((tag) => tag.Key === key && (tag.Value ?? has[key]) === has[key]),
    );
    instances.tag(id, Object.fromEntries(gone.map((key) => [key, null])));
  }
  return { return: true };
}

const readTags = (input: Record<string, unknown>) => (input.Tag ?? []) as { Key?: string; Value?: string }[];

function readResources(input: Record<string, unknown>, instances: Instances): string[] {
  const ids = (input.ResourceId ?? []) as string[];
  if (ids.length === 0) throw missing('resourceIdSet');
  const other = ids.find((id) => !id.startsWith('i-'));
  if (other !== undefined) throw new AwsError('InvalidID', `The ID '${other}' is not valid`);
  checkIds(ids, instances);
  return ids;
}

const missing = (name: string) => new AwsError('MissingParameter', `The request must contain the parameter ${name}`);
