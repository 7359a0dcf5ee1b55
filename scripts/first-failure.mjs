import process from 'node:process';

/** A Jest reporter that ends the run at the first test that fails: one is enough to know that a line is missed. */
export default class FirstFailure {
  onTestCaseResult(_file, { status }) {
    if (status === 'failed') process.exit(1);
  }
}
