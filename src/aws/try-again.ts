/**
 * Tries again what failed in a way that passes by itself, after each of the pauses (ms), cut by up to a half at random so that several who wait
 * do not ask at the same moment. Rejects with the last failure, and at once with any that does not pass.
 */
export async function tryAgain<T>(step: () => Promise<T>, { pausesMs, passes, pause }: TryAgain): Promise<T> {
  for (const pauseMs of pausesMs) {
    try {
      return await step();
    } catch (error) {
      if (!passes(error)) throw error;
    }
    await pause(pauseMs * (0.5 + Math.random() / 2));
  }
  return step();
}

interface TryAgain {
  pausesMs: readonly number[];
  passes: (error: unknown) => boolean;
  pause: (ms: number) => Promise<void>;
}
