/** Ref, Fn::GetAtt of an Arn, Fn::Sub and Fn::Join as far as names need them; anything else stays as it is. */
export function resolveValue(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => resolveValue(item, names));
  if (value === null || typeof value !== 'object') return value;
  const object = value as Record<string, unknown>;
  const [key, second] = Object.keys(object);
  if (second === undefined && key === 'Ref') return names.get(String(object.Ref)) ?? value;
  if (second === undefined && key === 'Fn::GetAtt') {
    const [logicalId] = Array.isArray(object[key]) ? (object[key] as unknown[]) : String(object[key]).split('.');
    return names.get(String(logicalId)) ?? value;
  }
  if (second === undefined && key === 'Fn::Sub') {
    const [text, own = {}] = Array.isArray(object[key])
      ? (object[key] as [string, Record<string, unknown>?])
      : [String(object[key])];
    return text.replace(/\$\{([^!}]+)\}/g, (all, name: string) => {
      const resolved = Object.hasOwn(own, name)
        ? resolveValue(own[name], names)
        : names.get(name.split('.')[0] ?? name);
      return resolved === undefined ? all : String(resolved);
    });
  }
  if (second === undefined && key === 'Fn::Join') {
    const [separator, parts] = object[key] as [string, unknown[]];
    return (resolveValue(parts, names) as unknown[]).join(separator);
  }
  return Object.fromEntries(Object.entries(object).map(([name, item]) => [name, resolveValue(item, names)]));
}

/** A property that may be left out. */
export function numberOrNull(value: unknown): number | null {
  return value === undefined || value === null ? null : Number(value);
}
