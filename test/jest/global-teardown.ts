import type { OwnedFolder } from '../../packages/lab/src/pod/leftovers.ts';

export default function removeRunFolder(): void {
  (globalThis as { testRunFolder?: OwnedFolder }).testRunFolder?.release();
}
