/** What zod finds, in words that name the place and the remedy. Tested in test/policy/wrong-files.test.ts. */
import type { z } from 'zod';
import { nearest } from '../nearest.ts';
import type { PolicyProblem } from '../problems.ts';
import type { YamlFile } from '../yaml/parse.ts';
import { keyOffsetOf, nodeAt, offsetOf, type Path, type YamlNode } from '../yaml/tree.ts';
import { fileSchema, runKinds, scheduleKinds } from './file.ts';

type Issue = z.core.$ZodIssue;

export function problemsOfIssues(file: YamlFile, root: YamlNode, issues: readonly Issue[]): PolicyProblem[] {
  const problems: PolicyProblem[] = [];
  const add = (offset: number, wrong: string, remedy: string) =>
    problems.push({ ...file.placeOf(offset), wrong, remedy });
  const read = (issue: Issue, path: Path) => {
    switch (issue.code) {
      case 'unrecognized_keys':
        for (const key of issue.keys) add(keyOffsetOf(root, [...path, key]), ...unknownKey(root, path, key));
        return;
      case 'invalid_key': {
        const [wrong, remedy] = saidBy(issue.issues[0]?.message ?? issue.message);
        add(keyOffsetOf(root, path), `"${path.at(-1)}" ${wrong}`, remedy);
        return;
      }
      case 'invalid_union': {
        const inner = branchOf(issue, nodeAt(root, path));
        if (inner !== null) for (const one of inner) read(one, [...path, ...one.path.map(step)]);
        else add(offsetOf(root, path), ...problemAt(root, path, issue.message));
        return;
      }
      default:
        add(offsetOf(root, path), ...problemAt(root, path, issue.message));
    }
  };
  for (const issue of issues) read(issue, issue.path.map(step));
  return problems;
}

function step(one: PropertyKey): string | number {
  return typeof one === 'number' ? one : String(one);
}

function saidBy(message: string): [wrong: string, remedy: string] {
  const [wrong = '', remedy = ''] = message.split('\n');
  return [wrong, remedy];
}

/** What is wrong with a value, or that it is not there. */
function problemAt(root: YamlNode, path: Path, message: string): [wrong: string, remedy: string] {
  const [wrong, remedy] = saidBy(message);
  const last = path.at(-1);
  const key = path.findLast((one) => typeof one === 'string');
  if (last === undefined) return [wrong, remedy];
  const parent = nodeAt(root, path.slice(0, -1));
  if (typeof last === 'string' && !parent.entries.has(last)) return [`${last} is missing.`, remedy];
  const { value } = nodeAt(root, path);
  if (value === null) return [`${key} has no value.`, remedy];
  const isScalar = typeof value !== 'object';
  const subject = typeof last === 'number' && isScalar ? `"${value}" in ${key}` : `${key}`;
  const given =
    isScalar && typeof last === 'string' ? ` It is ${typeof value === 'string' ? `"${value}"` : value}.` : '';
  return [`${subject} ${wrong}${given}`, remedyFor(wrong, remedy, value)];
}

/** What was meant, where the value says so. */
function remedyFor(wrong: string, remedy: string, value: unknown): string {
  if (wrong === 'must be a list.' && (typeof value === 'string' || typeof value === 'number')) {
    return `Write [${value}].`;
  }
  if (wrong.startsWith('must be a time of at least') && typeof value === 'number') {
    return `Write a unit: ${value}m, ${value}h or ${value}d.`;
  }
  if (wrong.startsWith('must be true or false') && typeof value === 'string') {
    return `Write ${/^(?:on|yes|y|true)$/i.test(value) ? 'true' : 'false'}, without quotes.`;
  }
  if (typeof value === 'boolean' && /\bon or off\b/.test(remedy)) return `Write ${value ? 'on' : 'off'}.`;
  if (typeof value === 'boolean' && /\boff\b/.test(remedy) && !value) return 'Write off.';
  const words = /^must be ([\w, ]+)\.$/.exec(wrong)?.[1]?.split(/, | or /) ?? [];
  const near = typeof value === 'string' ? nearest(value, words) : null;
  return near === null ? remedy : `Did you mean ${near}?`;
}

/** The branch that the author meant: the one whose own key is there, or the one of the same type. */
function branchOf(issue: Issue & { code: 'invalid_union' }, node: YamlNode): readonly Issue[] | null {
  const kinds = [...Object.keys(scheduleKinds), ...Object.keys(runKinds)];
  const named = issue.errors.find((errors) => {
    const missing = new Set(errors.flatMap(({ path }) => (path.length === 1 ? [String(path[0])] : [])));
    const other = errors.flatMap((one) => (one.code === 'unrecognized_keys' ? one.keys : []));
    return (
      node.entries.size > 0 &&
      !kinds.some((kind) => other.includes(kind)) &&
      !kinds.some((kind) => missing.has(kind) && !node.entries.has(kind))
    );
  });
  if (named !== undefined) return named;
  // Of a list with a wrong entry, the entry is wrong.
  return issue.errors.find((errors) => errors.length > 0 && errors.every(({ path }) => path.length > 0)) &&
    node.items.length > 0
    ? (issue.errors.find((errors) => errors.every(({ path }) => path.length > 0)) ?? null)
    : null;
}

/** Where each key of the file may be, by its name: `rule`, `approve`, `defaults`. */
const PLACES: ReadonlyMap<string, readonly string[]> = new Map([
  ['the file', keysOf(fileSchema)],
  ['a rule', keysOf(fileSchema.shape.rules)],
  ['defaults', keysOf(fileSchema.shape.defaults)],
  ['approve, reject, answer or take_over', keysOf(fileSchema.shape.rules, 'approve')],
  ['match', keysOf(fileSchema.shape.rules, 'match')],
  ['questions', keysOf(fileSchema.shape.questions)],
]);

function unknownKey(root: YamlNode, path: Path, key: string): [wrong: string, remedy: string] {
  const known = knownKeys(path, nodeAt(root, path));
  const where = path.findLast((one) => typeof one === 'string');
  const wrong = `"${key}" is not a key ${where === undefined ? 'of the file' : `of ${where === 'rules' ? 'a rule' : where}`}.`;
  const near = nearest(key, known);
  if (near !== null) return [wrong, `Did you mean ${near}?`];
  const elsewhere = [...PLACES].find(([, keys]) => keys.includes(key));
  if (elsewhere !== undefined) return [wrong, `It belongs in ${elsewhere[0]}.`];
  return [wrong, `Valid here: ${known.join(', ')}.`];
}

/** The keys that an object at this path may have. */
function knownKeys(path: Path, node: YamlNode): readonly string[] {
  let schema: unknown = fileSchema;
  for (const one of path) {
    schema = typeof one === 'number' ? elementOf(schema) : fieldOf(schema, one);
  }
  const options = optionsOf(schema);
  const meant = options.find((one) =>
    Object.keys(shapeOf(one)).some((key) => node.entries.has(key) && key in { ...scheduleKinds, ...runKinds }),
  );
  return Object.keys(shapeOf(meant ?? options[0] ?? schema));
}

interface Definition {
  def?: {
    innerType?: unknown;
    element?: unknown;
    valueType?: unknown;
    options?: unknown[];
    shape?: Record<string, unknown>;
  };
}

function unwrapped(schema: unknown): Definition {
  const one = (schema ?? {}) as Definition;
  return one.def?.innerType === undefined ? one : unwrapped(one.def.innerType);
}

function shapeOf(schema: unknown): Record<string, unknown> {
  return unwrapped(schema).def?.shape ?? {};
}

function elementOf(schema: unknown): unknown {
  return unwrapped(schema).def?.element;
}

function fieldOf(schema: unknown, key: string): unknown {
  return shapeOf(schema)[key] ?? unwrapped(schema).def?.valueType;
}

function optionsOf(schema: unknown): unknown[] {
  return unwrapped(schema).def?.options ?? [];
}

function keysOf(schema: unknown, field?: string): string[] {
  const element = elementOf(schema) ?? schema;
  return Object.keys(shapeOf(field === undefined ? element : fieldOf(element, field)));
}
