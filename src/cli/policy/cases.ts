/** `npm run policy -- test CASES.yml`. Tested in test/cli/policy/cases.test.ts. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { actions, type Pause } from '../../core/approval/pause/pause.ts';
import { ruleOf } from '../../core/approval/steps/signing/rules.ts';
import { explain } from '../../core/policy/explain/explain.ts';
import { mainAction } from '../../core/policy/replay/replay.ts';
import type { PolicyDocument } from '../../core/policy/rules/document.ts';
import { createPolicy } from '../../core/policy/rules/policy.ts';
import { coerceError, SetupError } from '../../core/ports/errors.ts';
import { parseExact } from '../../core/text/exact/parse.ts';
import { counted } from '../../core/text/numbers.ts';
import { parseTime } from '../../core/text/time/parse.ts';
import { readPolicyFile } from '../../policy/file/read.ts';
import { problemLine } from '../../policy/problems.ts';
import { parseYaml } from '../../policy/yaml/parse.ts';
import { type PolicyCommand, policyPath, withEnvFile } from './command.ts';
import { pauseOfEvent, pauseOfRequest, requestSchema } from './event.ts';
import { fileLookups } from './lookups.ts';
import { validDocument } from './valid.ts';

const usage = `Usage: npm run policy -- test CASES.yml [--file F]

Compares what the policy does with what you expect. Exit code 0: all as expected; 1: not. Needs no tokens.

  cases:
    - name: a large refund needs two
      request: { tool: refund_order, params: { amount: 900, currency: EUR }, requester: ana }
      at: 2026-11-30T09:00:00Z             # default: now
      expect: { rule: large refunds, decides: people, count: 2, by: [finance, legal], may: [mara], may_not: [ana] }

  event: FILE.json    in place of request: an event as a backend sends it, beside this file
  expect              any of rule, decides (people, rule, no one), action (approve, reject, take_over), by, count, each,
                      not_requester, confirm, rooms, mention, may, may_not`;

const expectSchema = z.strictObject({
  /** Null: no rule fits. */
  rule: z.string().nullable().optional(),
  decides: z.enum(['people', 'rule', 'no one']).optional(),
  /** What the keys below are about. Default: the main button. */
  action: z.enum(actions).optional(),
  by: z.array(z.string()).optional(),
  count: z.number().optional(),
  each: z.number().optional(),
  not_requester: z.boolean().optional(),
  confirm: z.boolean().optional(),
  rooms: z.array(z.string()).optional(),
  mention: z.array(z.string()).optional(),
  /** People of the file. */
  may: z.array(z.string()).optional(),
  may_not: z.array(z.string()).optional(),
});
type Expected = z.infer<typeof expectSchema>;

const caseSchema = z
  .strictObject({
    name: z.string(),
    request: requestSchema.optional(),
    event: z.string().optional(),
    at: z.union([z.string(), z.date()]).optional(),
    expect: expectSchema,
  })
  .refine(
    ({ request, event }) => (request === undefined) !== (event === undefined),
    'needs request or event, not both',
  );
type Case = z.infer<typeof caseSchema>;
const casesSchema = z.strictObject({ cases: z.array(caseSchema).min(1) });

export const test: PolicyCommand = {
  name: 'test',
  summary: 'compares what the policy does with your cases',
  usage,
  run(args, io) {
    const { file = null, path } = parse(args);
    if (file === null) withEnvFile(io.environment);
    const document = validDocument(policyPath(file, io.environment), io);
    if (document === null) return 1;
    const cases = readCases(path);
    let failed = 0;
    for (const one of cases) {
      const wrong = differencesOf(one, { document, pause: pauseOf(one, dirname(path)) });
      if (wrong.length > 0) failed += 1;
      io.print(
        [`${wrong.length === 0 ? 'ok  ' : 'FAIL'}  ${one.name}`, ...wrong.map((line) => `      ${line}`)].join('\n'),
      );
    }
    io.print(`${counted(cases.length, 'case')}, ${failed === 0 ? 'all as expected' : `${failed} not as expected`}.`);
    return failed === 0 ? 0 : 1;
  },
};

function readCases(path: string): readonly Case[] {
  const { root, problems } = parseYaml(readPolicyFile(path));
  if (root === null) throw new SetupError(problems.map((one) => problemLine(path, one)).join('\n'));
  const { data, error } = casesSchema.safeParse(root.value);
  if (data !== undefined) return data.cases;
  const lines = error.issues.map(({ path: at, message }) => `${path}: ${at.join('.') || 'the file'}: ${message}`);
  throw new SetupError(`${lines.join('\n')}\n\n${usage}`);
}

function pauseOf({ request, event }: Case, folder: string): Pause {
  if (request !== undefined) return pauseOfRequest(request);
  const path = join(folder, event ?? '');
  try {
    return pauseOfEvent(parseExact(readFileSync(path, 'utf8')), 0);
  } catch (thrown) {
    throw new SetupError(`${path}: ${coerceError(thrown).message}`);
  }
}

/** What is not as expected, a line each. */
export function differencesOf(
  { expect, at }: Pick<Case, 'expect' | 'at'>,
  { document, pause }: { document: PolicyDocument; pause: Pause },
): string[] {
  const now = at === undefined ? Date.now() : parseTime(at instanceof Date ? at.toISOString() : at);
  if (now === null) return [`at: ${String(at)} is not a time. Write 2026-11-30T09:00:00Z.`];
  const policy = createPolicy(document, fileLookups(document, now));
  const route = policy.route(pause, { now });
  const { requirement } = route;
  const explanation = explain({ pause, route, document, now });
  const action = expect.action ?? mainAction(pause);
  const rule = ruleOf(requirement, action, pause);
  const found: Omit<Expected, 'action' | 'may' | 'may_not'> = {
    rule: explanation.rule,
    decides: explanation.decides,
    by: rule?.by ?? [],
    count: rule?.count ?? 0,
    each: rule?.each ?? 0,
    not_requester: rule?.notRequester ?? false,
    confirm: route.confirm,
    rooms: route.places.map(({ platform, room }) => `${platform}:${room}`),
    mention: requirement.mention,
  };
  const wrong = Object.entries(found).flatMap(([key, value]) => {
    const wanted = expect[key as keyof typeof found];
    if (wanted === undefined || JSON.stringify(sorted(wanted)) === JSON.stringify(sorted(value))) return [];
    return [`${key}: expected ${JSON.stringify(wanted)}, and it is ${JSON.stringify(value)}.`];
  });
  const rightOf = (name: string) => {
    const accounts = document.people.get(name) ?? [];
    const asked = { pause, requirement, signatures: [] };
    const rights = accounts.map(({ platform, id }) =>
      policy.right(action, { actor: { platform, id, name }, roles: null }, asked),
    );
    return accounts.length === 0
      ? 'unknown'
      : ((['allowed', 'unverified'] as const).find((one) => rights.includes(one)) ?? 'denied');
  };
  const verb = action.replace('_', ' ');
  const may = (expect.may ?? []).filter((name) => rightOf(name) !== 'allowed' || route.standing !== null);
  const mayNot = (expect.may_not ?? []).filter((name) => rightOf(name) === 'allowed' && route.standing === null);
  return [
    ...wrong,
    ...may.map((name) => `may: ${name} may not ${verb} it${reasonOf(rightOf(name))}.`),
    ...mayNot.map((name) => `may_not: ${name} may ${verb} it.`),
    ...(wrong.length + may.length + mayNot.length > 0 ? [explanation.verdict, explanation.why] : []),
  ];
}

function reasonOf(right: string): string {
  if (right === 'unknown') return ', as people does not name them';
  return right === 'unverified' ? ', as far as the file itself says: only a look-up can tell' : '';
}

/** Lists are compared as sets. */
function sorted(value: unknown): unknown {
  return Array.isArray(value) ? [...value].sort() : value;
}

function parse(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { file: { type: 'string' } },
      allowPositionals: true,
    });
    const [path, ...more] = positionals;
    if (path === undefined || more.length > 0) throw new Error('Name one file of cases.');
    return { ...values, path };
  } catch (thrown) {
    throw new SetupError(`${coerceError(thrown).message}\n\n${usage}`);
  }
}
