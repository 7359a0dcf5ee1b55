import { AwsError } from '../errors.ts';
import { childList, childNode, childText, readXml } from '../protocol/xml.ts';
import type { Change } from './change-batch.ts';
import { listedName } from './names.ts';
import { RECORD_TYPES } from './record-set.ts';

const ACTIONS = ['CREATE', 'DELETE', 'UPSERT'] as const;
/** Routing policies that Route 53 has and the endpoint does not. */
const OTHER_POLICIES = ['Weight', 'Region', 'GeoLocation', 'Failover', 'CidrRoutingConfig', 'GeoProximityLocation'];
/** Service model: ResourceDescription. */
const MAX_COMMENT = 256;
/** Service model: ResourceRecordSetIdentifier. */
const MAX_IDENTIFIER = 128;
/** Service model: TTL. */
const MAX_TTL_SECONDS = 2_147_483_647;

/** The body of ChangeResourceRecordSets. Throws MalformedInput or InvalidInput: what is wrong with the request as such, before any record is looked at. */
export function readChangeBatch(body: string): { changes: Change[]; comment: string } {
  if (body.trim() === '') throw new AwsError('MalformedInput', 'Unexpected end of document');
  const root = childNode(readXml(body, ['Change', 'ResourceRecord']), 'ChangeResourceRecordSetsRequest');
  if (root === null)
    throw new AwsError('MalformedInput', 'ChangeBatch is not valid, expected ChangeResourceRecordSetsRequest');
  const batch = childNode(root, 'ChangeBatch');
  const changes = childList(childNode(batch, 'Changes'), 'Change');
  if (changes.length === 0)
    throw new AwsError(
      'InvalidInput',
      "Invalid XML ; cvc-complex-type.2.4.b: The content of element 'Changes' is not complete.",
    );
  const comment = childText(batch, 'Comment') ?? '';
  if (comment.length > MAX_COMMENT) {
    throw new AwsError(
      'InvalidInput',
      `1 validation error detected: Value at 'changeBatch.comment' failed to satisfy constraint: Member must have length less than or equal to ${MAX_COMMENT}`,
    );
  }
  return { changes: changes.map(readChange), comment };
}

function readChange(node: unknown): Change {
  const action = childText(node, 'Action') ?? '';
  const set = childNode(node, 'ResourceRecordSet');
  if (!isAction(action))
    throw new AwsError(
      'InvalidInput',
      `Invalid XML ; cvc-enumeration-valid: Value '${action}' is not facet-valid with respect to enumeration '[CREATE, DELETE, UPSERT]'.`,
    );
  const name = childText(set, 'Name') ?? '';
  const type = childText(set, 'Type') ?? '';
  const setIdentifier = childText(set, 'SetIdentifier');
  const where = `in Change with [Action=${action}, Name=${name}, Type=${type}, SetIdentifier=${setIdentifier}]`;
  const invalid = (what: string) => new AwsError('InvalidInput', `Invalid request: ${what} ${where}`);
  if (name === '') throw invalid("Missing field 'Name'");
  if (!RECORD_TYPES.includes(type)) throw invalid(`Invalid Type '${type}'`);
  const values = childList(childNode(set, 'ResourceRecords'), 'ResourceRecord').map(
    (record) => childText(record, 'Value') ?? '',
  );
  const ttl = childText(set, 'TTL');
  if (childNode(set, 'AliasTarget') !== null || ttl === null || values.length === 0) {
    const found = childNode(set, 'AliasTarget') !== null && ttl !== null ? 'more than one' : 'none';
    throw invalid(
      `Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found ${found}`,
    );
  }
  if (!/^\d+$/.test(ttl) || Number(ttl) > MAX_TTL_SECONDS)
    throw invalid(`TTL '${ttl}' is not a number from 0 to ${MAX_TTL_SECONDS}`);
  const policies = OTHER_POLICIES.filter((policy) => set !== null && policy in set);
  if (policies.length > 0)
    throw invalid(`the local endpoint holds simple and multivalue records only, not ${policies.join(', ')},`);
  const multivalue = childText(set, 'MultiValueAnswer') === 'true';
  if (multivalue && (setIdentifier === null || setIdentifier === '')) throw invalid("Missing field 'SetIdentifier'");
  if (!multivalue && setIdentifier !== null) {
    throw invalid(
      'Expected exactly one of [Weight, Region, Failover, GeoLocation, CidrRoutingConfig, or MultiValueAnswer], but found none',
    );
  }
  if (setIdentifier !== null && setIdentifier.length > MAX_IDENTIFIER)
    throw invalid(`SetIdentifier is longer than ${MAX_IDENTIFIER} characters`);
  return { action, set: { name: listedName(name), type, setIdentifier, multivalue, ttlSeconds: Number(ttl), values } };
}

function isAction(action: string): action is (typeof ACTIONS)[number] {
  return (ACTIONS as readonly string[]).includes(action);
}
