import { expect } from 'expect';
import { bind } from 'jest-each';

const HOOKS = ['beforeAll', 'beforeEach', 'afterEach', 'afterAll'];

/** @typedef {{ name: string, hooks: Record<string, (() => unknown)[]>, parents: Block[] }} Block */
/** @typedef {{ id: string, run: () => unknown, block: Block }} Test */

/** @returns {Block} */
const block = (name, parents) => ({
  name,
  hooks: Object.fromEntries(HOOKS.map((hook) => [hook, []])),
  parents,
});

/**
 * The tests of one file, as it declares them by what it imports of `@jest/globals`. Its `expect` and `each` are Jest's own.
 * A test's id is the file with the names of its blocks and its own.
 */
export class Suite {
  /** @type {Test[]} */
  tests = [];
  #ids = new Map();
  #entered = new Set();
  #open;

  constructor(file) {
    this.#open = block(file, []);
    const it = this.#each((name, run) => this.#declare(name, run));
    const describe = this.#each((name, body) => this.#enter(name, body));
    const hooks = HOOKS.map((hook) => [hook, (run) => this.#open.hooks[hook].push(run)]);
    /** What `@jest/globals` exports. */
    this.globals = { expect, it, test: it, describe, ...Object.fromEntries(hooks) };
  }

  #each(declare) {
    return Object.assign(declare, { each: bind(declare, false) });
  }

  #declare(name, run) {
    const names = [...this.#open.parents, this.#open].map((each) => each.name);
    const id = [...names, name].join(' > ');
    const seen = this.#ids.get(id) ?? 0;
    this.#ids.set(id, seen + 1);
    this.tests.push({ id: seen === 0 ? id : `${id} (${seen + 1})`, run, block: this.#open });
  }

  #enter(name, body) {
    const outer = this.#open;
    this.#open = block(name, [...outer.parents, outer]);
    body();
    this.#open = outer;
  }

  /** @returns why the test fails, or null. */
  async failureOf({ run, block: inner }) {
    const blocks = [...inner.parents, inner];
    const hooks = (hook) => blocks.flatMap((each) => each.hooks[hook]);
    try {
      for (const each of blocks) {
        if (this.#entered.has(each)) continue;
        this.#entered.add(each);
        for (const before of each.hooks.beforeAll) await before();
      }
      for (const before of hooks('beforeEach')) await before();
      await run();
      return null;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      for (const after of hooks('afterEach')) await after();
    }
  }

  async end() {
    for (const each of this.#entered) for (const after of each.hooks.afterAll) await after();
  }
}
