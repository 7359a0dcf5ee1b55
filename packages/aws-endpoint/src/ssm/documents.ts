import type { Agent } from '../agents.ts';
import { AwsError } from '../errors.ts';

/** One parameter that a command document declares (schema 2.2). */
export interface DocumentParameter {
  type: 'String' | 'StringList' | 'Integer' | 'Boolean';
  default?: unknown;
  allowedPattern?: string;
  allowedValues?: string[];
  minChars?: number;
  maxChars?: number;
}

export interface DocumentStep {
  name: string;
  action: string;
  /** Seconds; the plugin's default is an hour. */
  timeoutSeconds: number;
  runCommand: string[];
}

export interface CommandDocument {
  name: string;
  parameters: Record<string, DocumentParameter>;
  steps: DocumentStep[];
  /** Platforms its plugins run on. */
  platforms: NonNullable<Agent['platform']>[];
}

/** Plugin reference, aws:runShellScript: "timeoutSeconds … default 3600". */
const DEFAULT_EXECUTION_SECONDS = 3_600;

/**
 * Reads a schema 2.2 document's content as CloudFormation has it. Throws a sentence about what the endpoint cannot run: other
 * schemas, other plugins, ENV_VAR interpolation.
 */
export function readDocument(name: string, content: unknown): CommandDocument {
  const document = (typeof content === 'string' ? JSON.parse(content) : content) as Record<string, unknown>;
  const fail = (what: string): never => {
    throw new Error(`SSM document ${name}: ${what}`);
  };
  if (document.schemaVersion !== '2.2')
    fail(`schemaVersion is ${JSON.stringify(document.schemaVersion)}, the local endpoint runs 2.2`);
  const parameters = (document.parameters ?? {}) as Record<string, DocumentParameter & { interpolationType?: string }>;
  for (const [parameter, declared] of Object.entries(parameters)) {
    if (!['String', 'StringList', 'Integer', 'Boolean'].includes(declared.type))
      fail(`parameter ${parameter} has type ${declared.type}`);
    if (declared.interpolationType !== undefined)
      fail(`parameter ${parameter} has an interpolationType, which older agents ignore silently`);
  }
  const mainSteps = document.mainSteps;
  if (!Array.isArray(mainSteps) || mainSteps.length === 0) return fail('it has no mainSteps');
  const steps = mainSteps.map((step: Record<string, unknown>): DocumentStep => {
    if (step.action !== 'aws:runShellScript' && step.action !== 'aws:runPowerShellScript')
      fail(`it has a step of ${step.action}`);
    const inputs = (step.inputs ?? {}) as { timeoutSeconds?: string | number; runCommand?: string[] | string };
    const lines = inputs.runCommand ?? [];
    return {
      name: String(step.name),
      action: String(step.action),
      timeoutSeconds: inputs.timeoutSeconds === undefined ? DEFAULT_EXECUTION_SECONDS : Number(inputs.timeoutSeconds),
      runCommand: Array.isArray(lines) ? lines : [lines],
    };
  });
  const shell = steps.some((step) => step.action === 'aws:runShellScript');
  return { name, parameters, steps, platforms: shell ? ['Linux', 'MacOS'] : ['Windows', 'Linux', 'MacOS'] };
}

/** Takes SendCommand's Parameters (lists of strings by name) against what the document declares. Throws InvalidParameters with every fault. */
export function checkParameters(document: CommandDocument, given: Record<string, unknown>): Record<string, string[]> {
  const faults: string[] = [];
  const values: Record<string, string[]> = {};
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(document.parameters, name))
      faults.push(`Parameter ${name} is not defined in document ${document.name}.`);
  }
  for (const [name, declared] of Object.entries(document.parameters)) {
    const value = Object.hasOwn(given, name) ? given[name] : declared.default;
    if (value === undefined) {
      faults.push(`Parameter ${name} is required and has no value.`);
      continue;
    }
    const list = (Array.isArray(value) ? value : [value]).map(String);
    if (declared.type !== 'StringList' && list.length !== 1)
      faults.push(`Parameter ${name} is of type ${declared.type} and takes one value, not ${list.length}.`);
    faults.push(...list.flatMap((item) => valueFaults(name, declared, item)));
    values[name] = list;
  }
  if (faults.length > 0) throw new AwsError('InvalidParameters', faults.join(' '));
  return values;
}

function valueFaults(name: string, declared: DocumentParameter, value: string): string[] {
  const faults: string[] = [];
  if (declared.allowedValues !== undefined && !declared.allowedValues.includes(value)) {
    faults.push(`Parameter ${name} has value ${value} not found in [${declared.allowedValues.join(', ')}].`);
  }
  if (declared.allowedPattern !== undefined && !new RegExp(declared.allowedPattern).test(value)) {
    faults.push(`Parameter ${name} has value not matching "${declared.allowedPattern}".`);
  }
  if (declared.minChars !== undefined && value.length < declared.minChars)
    faults.push(`Parameter ${name} is shorter than ${declared.minChars}.`);
  if (declared.maxChars !== undefined && value.length > declared.maxChars)
    faults.push(`Parameter ${name} is longer than ${declared.maxChars}.`);
  if (declared.type === 'Integer' && !/^-?\d+$/.test(value)) faults.push(`Parameter ${name} is of type Integer.`);
  if (declared.type === 'Boolean' && !/^(true|false)$/.test(value))
    faults.push(`Parameter ${name} is of type Boolean.`);
  return faults;
}

/** The step's lines with `{{ Name }}` replaced as text, without any quoting: SSM's default interpolation. */
export function renderScript(step: DocumentStep, values: Record<string, string[]>): string {
  const lines = step.runCommand.flatMap((line) => {
    const whole = /^\{\{\s*([A-Za-z0-9_]+)\s*\}\}$/.exec(line)?.[1];
    const list = whole !== undefined && Object.hasOwn(values, whole) ? values[whole] : undefined;
    if (list !== undefined) return list;
    return [
      line.replace(/\{\{\s*([A-Za-z0-9_]+)\s*\}\}/g, (all, name: string) =>
        Object.hasOwn(values, name) ? (values[name] ?? []).join(' ') : all,
      ),
    ];
  });
  return `${lines.join('\n')}\n`;
}
