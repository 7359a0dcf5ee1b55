import { beforeAll, it } from '@jest/globals';
import { RealPod } from '../real-pod.ts';
import { testFleet } from '../setup.ts';

beforeAll(() => RealPod.start({ fleet: testFleet() }), 1500);

it('never runs', () => {});
