/** What a call was refused with; `status` is HTTP's. */
export interface Refusal {
  name: string;
  message: string;
  status: number | undefined;
}

/** The error that a call of the SDK is refused with. Throws when the call is taken. */
export async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  const failure = await call.then(
    () => null,
    (error: Error & { $metadata?: { httpStatusCode?: number } }) => error,
  );
  if (failure === null) throw new Error('the call was taken, though it should be refused');
  return { name: failure.name, message: failure.message, status: failure.$metadata?.httpStatusCode };
}
