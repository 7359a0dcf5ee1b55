/** An object as it was stored: nothing of it is checked yet. */
export type Stored = Record<string, unknown>;

export function isGroup(value: unknown): value is Stored {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** null: no JSON, or no object. */
export function parseStored(text: string): Stored | null {
  try {
    const value: unknown = JSON.parse(text);
    return isGroup(value) ? value : null;
  } catch {
    return null;
  }
}

/** 0: there is none. */
export function versionOf(stored: Stored | null): number {
  return Number.isInteger(stored?.version) ? (stored?.version as number) : 0;
}
