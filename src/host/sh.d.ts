/** The build turns `import text from '…/src/host/NAME.sh'` into the script NAME, put together from its parts. */
declare module '*.sh' {
  const text: string;
  export default text;
}
