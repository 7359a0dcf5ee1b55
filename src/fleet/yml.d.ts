/** The build turns `import fleet from '…/fleet.yml'` into the validated fleet of the stage. */
declare module '*.yml' {
  import type { Fleet } from './fleet.ts';

  const fleet: Fleet;
  export default fleet;
}
