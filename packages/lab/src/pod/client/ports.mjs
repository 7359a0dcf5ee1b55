// @ts-check

/** A setting that cannot be taken; told as it stands. */
export class SettingError extends Error {
  /** @override */
  name = 'SettingError';
}

/** @typedef {{ api: number, aws: number }} Ports */

export const API_PORT = 3000;
export const AWS_PORT = 4566;

/**
 * `PORT` (3000) and `AWS_PORT` (4566).
 *
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Ports}
 */
export function portsOf(environment) {
  const ports = { api: port(environment, 'PORT', API_PORT), aws: port(environment, 'AWS_PORT', AWS_PORT) };
  if (ports.api !== ports.aws) return ports;
  throw new SettingError(`PORT and AWS_PORT are both ${ports.api}: each needs a port of its own.`);
}

/**
 * @param {NodeJS.ProcessEnv} environment
 * @param {string} name
 * @param {number} otherwise
 */
function port(environment, name, otherwise) {
  const given = environment[name];
  if (given === undefined || given === '') return otherwise;
  const number = Number(given);
  if (/^\d{1,5}$/.test(given) && number > 0 && number < 65_536) return number;
  throw new SettingError(`${name}=${given} is no port: it must be a whole number from 1 to 65535.`);
}
