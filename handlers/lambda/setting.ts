/** A setting of the function's environment; serverless.yml sets them all. Throws a sentence that names the missing one. */
export function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`The function's environment has no ${name}; serverless.yml sets it.`);
  return value;
}
