import vm from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';

// A worker whose Jest was killed would go on with its tests, and so would all that they started.
const endWithJest = () => process.exit(1);
process.once('disconnect', endWithJest);
// Who listens to its parent stays alive: a worker that Jest lets go, which it hears no more, would have to be killed.
process.on('removeListener', (event) => {
  if (event === 'message' && process.listenerCount('message') === 0) process.off('disconnect', endWithJest);
});

/**
 * Each module's compiled code, by its file. Jest compiles every module anew for each test file, the SDK's megabytes too, and has
 * no setting to keep what was compiled. Each test file still runs every module in a context of its own.
 */
const compiled = new Map();
const { compileFunction, createContext } = vm;
vm.compileFunction = (text, parameters = [], options = {}) => {
  const { filename, parsingContext } = options;
  if (parsingContext === undefined) return compileFunction(text, parameters, options);
  const head = `(function (${parameters.join(',')}) {`;
  const known = compiled.get(filename);
  if (known?.text === text && known.head === head) return known.script.runInContext(parsingContext);
  const script = new vm.Script(`${head}${text}\n})`, { filename, columnOffset: -head.length });
  compiled.set(filename, { text, head, script });
  return script.runInContext(parsingContext);
};

/**
 * Node's environment of Jest in a context with an ordinary global object. Jest's own is a proxy behind V8's interceptors, and
 * every `Array` or `Map` that a module names costs calls through both: a third of what tests compute.
 */
export default class PlainGlobalEnvironment extends TestEnvironment {
  constructor(config, context) {
    vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY);
    try {
      super(config, context);
    } finally {
      vm.createContext = createContext;
    }
  }
}
