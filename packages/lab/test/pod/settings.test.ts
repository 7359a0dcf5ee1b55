import { createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { freePort, lambdaPortBeside, mustBeFree, portsOf } from '../../src/pod/settings.ts';

describe('ports', () => {
  it('are 3000 and 4566 unless told', () => {
    expect(portsOf({})).toEqual({ api: 3000, aws: 4566 });
    expect(portsOf({ PORT: '3100', AWS_PORT: '4666' })).toEqual({ api: 3100, aws: 4666 });
  });

  it.each(['0', '65536', '-1', '80a', '3e3', ' 80'])('PORT=%s is refused with a sentence', (given) => {
    expect(() => portsOf({ PORT: given })).toThrow(
      `PORT=${given} is no port: it must be a whole number from 1 to 65535.`,
    );
  });

  it('that are the same are refused with a sentence', () => {
    expect(() => portsOf({ PORT: '3801', AWS_PORT: '3801' })).toThrow(
      'PORT and AWS_PORT are both 3801: each needs a port of its own.',
    );
    expect(() => portsOf({ PORT: '4566' })).toThrow('PORT and AWS_PORT are both 4566');
  });

  it('that are taken are told with another one, or passed by', async () => {
    const server = createServer();
    const taken = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
    await expect(mustBeFree(taken, 'PORT')).rejects.toThrow(`Port ${taken} is taken. Choose another: PORT=`);
    expect(await freePort(taken)).not.toBe(taken);
    await new Promise((resolve) => server.close(resolve));
    await mustBeFree(taken, 'PORT');
    expect(await freePort(taken)).toBe(taken);
  });
});

describe('the port for invocations', () => {
  it('is the usual one only beside the usual API port, so that pods that start at once do not meet there', async () => {
    expect(await lambdaPortBeside(3100)).not.toBe(3002);
  });
});
