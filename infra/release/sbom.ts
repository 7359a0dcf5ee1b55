import { createHash } from 'node:crypto';

interface Component {
  'bom-ref': string;
  name: string;
  [other: string]: unknown;
}

/** What `npm sbom` prints in CycloneDX, as far as it differs from one run to the next. */
export interface Bom {
  serialNumber: string;
  metadata: { timestamp?: string; component: Component; [other: string]: unknown };
  components: Component[];
  [other: string]: unknown;
}

/**
 * The same bill of materials each time it is asked for: without the time of day, its serial number made of its content, and the
 * project's own packages called by their names (npm calls them by the folder that they lie in).
 */
export function settledBom(bom: Bom): Bom {
  const { timestamp: _, ...metadata } = bom.metadata;
  const settled = {
    ...bom,
    metadata: { ...metadata, component: named(bom.metadata.component) },
    components: bom.components.map(named),
  };
  return { ...settled, serialNumber: serialNumber(JSON.stringify({ ...settled, serialNumber: '' })) };
}

/** `@podtime/lab@0.1.0` -> `@podtime/lab` */
function named(component: Component): Component {
  return { ...component, name: component['bom-ref'].replace(/(?<=.)@[^@]*$/, '') };
}

/** A UUID of version 8 (RFC 9562, section 5.8: of the maker's own design), from a hash. */
function serialNumber(content: string): string {
  const hash = createHash('sha256').update(content).digest('hex');
  const groups = [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `8${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ];
  return `urn:uuid:${groups.join('-')}`;
}
