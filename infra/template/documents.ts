import {
  COLLECT_TIMEOUT_SECONDS,
  CYCLE_PARAMETERS,
  CYCLE_TIMEOUT_SECONDS,
  type DocumentParameter,
} from '../../src/host/parameters.ts';
import { missingParts } from '../../src/host/scripts.ts';
import { looseness } from './parameter-patterns.ts';

export type DocumentName = 'collect' | 'cycle';

export const DOCUMENT_NAMES: readonly DocumentName[] = ['collect', 'cycle'];

interface Definition {
  description: string;
  parameters: Record<string, DocumentParameter>;
  timeoutSeconds: number;
}

const DEFINITIONS: Record<DocumentName, Definition> = {
  collect: {
    description: 'podtime: read the time daemon of a host. Changes nothing.',
    parameters: {},
    timeoutSeconds: COLLECT_TIMEOUT_SECONDS,
  },
  cycle: {
    description: 'podtime: make the time daemon of a host that DNS has left behind resolve its names again.',
    parameters: CYCLE_PARAMETERS,
    timeoutSeconds: CYCLE_TIMEOUT_SECONDS,
  },
};

/** Content of an SSM document, schema 2.2 (AWS Systems Manager user guide, "Command document plugin reference"). */
export interface SsmDocument {
  schemaVersion: '2.2';
  description: string;
  parameters: Record<string, DocumentParameter>;
  mainSteps: [
    {
      action: 'aws:runShellScript';
      name: string;
      precondition: { StringEquals: ['platformType', 'Linux'] };
      inputs: { timeoutSeconds: string; runCommand: string[] };
    },
  ];
}

/**
 * Content of the document `name`, from its whole script (`joinScript`).
 *
 * SSM replaces `{{ Name }}` in the script by the parameter's text, wherever it stands. So each stands once, in a prologue
 * of single-quoted assignments (`CoolDownSeconds` becomes `PODTIME_COOL_DOWN_SECONDS`), and no pattern of a parameter
 * admits a single quote. Environment variables, which SSM could set itself, are silently unset by older agents.
 *
 * Throws when the script holds `{{`, which SSM would read as a parameter, or lacks a part, and when a parameter's pattern admits more
 * than that.
 */
export function ssmDocument(
  name: DocumentName,
  scriptText: string,
  { description, parameters, timeoutSeconds }: Definition = DEFINITIONS[name],
): SsmDocument {
  if (scriptText.includes('{{'))
    throw new Error(`The script of ${name} holds "{{", which SSM would read as a parameter`);
  const missing = missingParts(name, scriptText);
  if (missing.length > 0) throw new Error(`The script of ${name} lacks ${missing.join(', ')}: join it by joinScript`);
  for (const [parameter, { allowedPattern }] of Object.entries(parameters)) {
    const fault = looseness(allowedPattern);
    if (fault !== null) throw new Error(`The parameter ${parameter} of the document ${name} ${fault}`);
  }
  const prologue = Object.keys(parameters).map((parameter) => `${shellName(parameter)}='{{ ${parameter} }}'`);
  return {
    schemaVersion: '2.2',
    description,
    parameters,
    mainSteps: [
      {
        action: 'aws:runShellScript',
        name,
        precondition: { StringEquals: ['platformType', 'Linux'] },
        inputs: {
          timeoutSeconds: String(timeoutSeconds),
          runCommand: ['#!/bin/sh', ...prologue, ...scriptText.trimEnd().split('\n')],
        },
      },
    ],
  };
}

/** `CoolDownSeconds` -> `PODTIME_COOL_DOWN_SECONDS` */
function shellName(parameter: string): string {
  return `PODTIME_${parameter.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase()}`;
}
