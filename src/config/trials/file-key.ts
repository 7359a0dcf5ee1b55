import { TIERS, type Tier } from '../../fleet/fleet.ts';
import { type ConfigFile, FILES } from '../files.ts';
import { readVersion, UNTOLD_VERSION, type Version, versionText } from '../versions.ts';

/** One file of a pod, whatever its text: whose it is, and for which class of versions. boot.sh is none: no host tells which one it ran. */
export interface FileKey {
  tier: Tier;
  /** Full name, `us-west-2e`. */
  az: string;
  file: ConfigFile;
  /** Its class (`versionClass`). */
  version: Version;
}

/** As the state names it: `client us-west-2e chrony.conf 4.4`; of the oldest class without a version. */
export function keyText({ tier, az, file, version }: FileKey): string {
  const text = `${tier} ${az} ${file}`;
  return version.length === 0 ? text : `${text} ${versionText(version)}`;
}

/** null: it is none. */
export function readKey(text: string): FileKey | null {
  const [writtenTier, az, writtenFile, writtenVersion, ...more] = text.split(' ');
  const tier = TIERS.find((each) => each === writtenTier);
  const file = FILES.find((each) => each === writtenFile);
  const version = writtenVersion === undefined ? UNTOLD_VERSION : readVersion(writtenVersion);
  if (!tier || !az || !file || file === 'boot.sh' || version === null || more.length > 0) return null;
  return { tier, az, file, version };
}
