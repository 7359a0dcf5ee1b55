/** The build turns `import fleet from '…/fleet.yml'` into the validated fleet of the stage. */
declare module '*.yml' {
  const fleet: import('./fleet.ts').Fleet;
  export default fleet;
}
