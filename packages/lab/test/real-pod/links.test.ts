import { afterAll, describe, expect } from '@jest/globals';
import { must } from '../../src/real/commands.ts';
import { routerCommands, serviceCommands } from '../../src/real/link-commands.ts';
import { Namespace } from '../../src/real/namespace.ts';
import { because, really, testFleet } from './setup.ts';

/** Lower than any that the kernel draws: documentation addresses (RFC 7042, 2.1.2). */
const LOW = '00:00:5e:00:53:01';

describe(`the switches that hosts talk to${because}`, () => {
  const places: Namespace[] = [];
  const place = async (name: string) => {
    const made = await Namespace.create(name, { forwards: true });
    places.push(made);
    return made;
  };

  afterAll(async () => {
    for (const each of places) await each.close();
  });

  for (const [device, commands] of [
    ['hosts', () => serviceCommands(testFleet())],
    ['outside', routerCommands],
  ] as const) {
    really(`${device} keeps its hardware address, whoever joins: neighbours ask for it once`, async () => {
      const at = await place(device);
      await at.ip(commands());
      const address = async () => {
        const shown = await must([...at.prefix, 'ip', '-br', 'link', 'show', 'dev', device], `looking at ${device}`);
        return shown.split(/\s+/)[2];
      };
      const before = await address();
      await at.ip([
        `link add name port1 address ${LOW} type veth peer name there1`,
        `link set dev port1 master ${device} up`,
        'link set dev there1 up',
      ]);
      expect(await address()).toBe(before);
    });
  }
});
