/** The build stops. The message tells every fault that was found, for the operator. */
export class BuildError extends Error {
  override readonly name = 'BuildError';
}
