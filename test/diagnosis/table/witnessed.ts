import type { Sighting, State } from '../../../src/diagnosis/judgement.ts';
import type { Collected } from '../../../src/host/collected.ts';
import { client, servers } from '../../builders/contradicted-pod.ts';
import { collected, source } from '../../builders/sightings.ts';

/** What the pod's hosts say, and how its third boundary server is judged by that. */
export type WitnessedCase = [what: string, seen: Sighting[], state: State, sentence: string, remarks: string[]];

const WELL = 'offset 0.125 ms (limit 50 ms), error bound 1.375 ms (limit 200 ms), 3 usable sources.';
const HONEST = "(limit 5 ms; so while each host's majority is honest)";
const clients = (...offMs: number[]) => offMs.map((off, index) => client(index + 1, off));
const third = (answer: Collected | null) => servers({ 'i-0c': answer });

/** A state that others say of a host, by how many of them and how far. Who hears it and cannot compare it: contradicted.test.ts. */
export const WITNESSED: readonly WitnessedCase[] = [
  [
    'three clients of three see it ahead',
    [...servers(), ...clients(12, 12, 12)],
    'contradicted',
    `3 of 3 clients see it 12 ms ahead of where their other sources agree ${HONEST}.`,
    [],
  ],
  [
    'three of four see it behind',
    [...servers(), ...clients(-9, -9, -9, 0)],
    'contradicted',
    `3 of 4 clients see it 9 ms behind where their other sources agree ${HONEST}.`,
    [],
  ],
  ['they see it apart by less than the limit', [...servers(), ...clients(4, 4, 4)], 'healthy', WELL, []],
  ['half of them do not', [...servers(), ...clients(9, 9, 9, 0, 0, 0)], 'healthy', WELL, []],
  [
    'they are two',
    [...servers(), ...clients(9, 9)],
    'healthy',
    WELL,
    [
      `unwitnessed: contradicted by 2 of the 3 witnesses wanted; 2 of 2 clients see it 9 ms ahead of where their other sources agree ${HONEST}.`,
    ],
  ],
  [
    'what it answers nobody can read, which is no state of its clock',
    [...third(null), ...clients(12, 12, 12)],
    'unknown',
    `SSM says Success, but what came back is not what the collect document prints; 3 of 3 clients see it 12 ms ahead of where their other sources agree ${HONEST}.`,
    [],
  ],
  [
    'it says itself that it is off, which comes after',
    [...third(collected({ sources: [source('192.0.2.1', { tally: '*', offsetMs: 80 })] })), ...clients(12, 12, 12)],
    'contradicted',
    `3 of 3 clients see it 12 ms ahead of where their other sources agree ${HONEST}.`,
    [],
  ],
];
