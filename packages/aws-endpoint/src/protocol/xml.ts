import { XMLBuilder, XMLParser, XMLValidator } from 'fast-xml-parser';
import { AwsError } from '../errors.ts';

/** A node of XML as the parser gives and the builder takes it: text, nested nodes, or a list of either under one name. */
export type XmlNode = string | number | boolean | { [name: string]: XmlNode | XmlNode[] | undefined };

const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  suppressEmptyNode: true,
  format: false,
});

/** `root` with its namespace around the children. undefined members are left out. */
export function writeXml(
  root: string,
  namespace: string | null,
  children: Record<string, XmlNode | XmlNode[] | undefined>,
): string {
  const body = namespace === null ? children : { '@xmlns': namespace, ...children };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build(drop({ [root]: body }))}`;
}

/** Without its undefined members, which the builder would write as empty elements. */
function drop(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(drop);
  if (node === null || typeof node !== 'object') return node;
  return Object.fromEntries(
    Object.entries(node)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, drop(value)]),
  );
}

/** Parses a request's body; elements named in `lists` come as arrays even when alone. Text stays text. */
export function readXml(body: string, lists: readonly string[]): Record<string, unknown> {
  const valid = XMLValidator.validate(body);
  if (valid !== true) throw new AwsError('MalformedInput', `Unexpected XML: ${valid.err.msg}`);
  const parser = new XMLParser({ parseTagValue: false, trimValues: true, isArray: (name) => lists.includes(name) });
  return parser.parse(body) as Record<string, unknown>;
}

/** A child that holds nodes, or null. */
export function childNode(node: unknown, name: string): Record<string, unknown> | null {
  const value = node !== null && typeof node === 'object' ? (node as Record<string, unknown>)[name] : undefined;
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

/** A child's text; null when it is absent. */
export function childText(node: unknown, name: string): string | null {
  const value = node !== null && typeof node === 'object' ? (node as Record<string, unknown>)[name] : undefined;
  return typeof value === 'string' ? value : null;
}

/** A child that was named as a list; empty when it is absent. */
export function childList(node: unknown, name: string): unknown[] {
  const value = node !== null && typeof node === 'object' ? (node as Record<string, unknown>)[name] : undefined;
  return Array.isArray(value) ? value : [];
}
