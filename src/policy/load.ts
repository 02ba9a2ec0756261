/**
 * The text of a policy file, made into the document that the core evaluates: whole, or with all that is wrong. Tested in
 * test/policy/load.test.ts and test/policy/wrong-files.test.ts.
 */
import { createHash } from 'node:crypto';
import type { PlatformIds } from '../core/policy/reviewers.ts';
import type { PolicyDocument } from '../core/policy/rules/document.ts';
import { compileExpression } from './cel/compile.ts';
import { inOrder, type PolicyProblem } from './problems.ts';
import { checkPolicy } from './resolve/checks.ts';
import { resolvePolicy } from './resolve/policy.ts';
import type { Report } from './resolve/report.ts';
import { warnOfRequesters } from './resolve/requester-checks.ts';
import { warnOfTakeOvers } from './resolve/rule-checks.ts';
import { fileSchema } from './schema/file.ts';
import { problemsOfIssues } from './schema/issues.ts';
import { parseYaml } from './yaml/parse.ts';
import { keyOffsetOf, nodeAt, offsetInScalar, offsetOf } from './yaml/tree.ts';

export type LoadedPolicy =
  /** `warnings`: what does less than it says. */
  | { document: PolicyDocument; problems: readonly []; warnings: readonly PolicyProblem[] }
  | { document: null; problems: readonly PolicyProblem[]; warnings: readonly [] };

/** Characters of the hash that names a version of the file. */
const VERSION_LENGTH = 12;

export interface LoadOptions {
  /** The file's name, for people. */
  source: string;
  /** The IDs of every platform, configured or not. */
  ids: readonly PlatformIds[];
  /** Names of every backend, configured or not. */
  backends: readonly string[];
  /** Those of them that can say who asked. Default: all. */
  naming?: readonly string[];
  /** Names of the platforms that are configured; absent: not known. */
  platforms?: readonly string[];
  /** The setting that a kind of schedules lacks, by the kind: `PAGERDUTY_TOKEN`. Default: none lacks one. */
  lacking?: ReadonlyMap<string, string>;
}

export function loadPolicy(text: string, options: LoadOptions): LoadedPolicy {
  const { source, ids, backends, naming = backends, platforms = null, lacking = new Map() } = options;
  const file = parseYaml(text);
  const { root } = file;
  if (root === null) return refused(file.problems);
  const parsed = fileSchema.safeParse(root.value);
  if (!parsed.success) {
    return refused(problemsOfIssues(file, root, parsed.error.issues));
  }
  const problems: PolicyProblem[] = [];
  const warnings: PolicyProblem[] = [];
  const into =
    (found: PolicyProblem[]): Report =>
    (path, wrong, remedy, { index, key = false } = {}) => {
      const offset =
        index !== undefined
          ? offsetInScalar(text, nodeAt(root, path), index)
          : key
            ? keyOffsetOf(root, path)
            : offsetOf(root, path);
      found.push({ ...file.placeOf(offset), wrong, remedy });
    };
  const report = into(problems);
  const document = resolvePolicy(
    parsed.data,
    { version: createHash('sha256').update(text).digest('hex').slice(0, VERSION_LENGTH), source },
    {
      ids,
      report,
      compile: (expression, path) => {
        const compiled = compileExpression(expression);
        if ('evaluate' in compiled) return compiled;
        report(path, compiled.wrong, compiled.remedy, { index: compiled.index });
        return null;
      },
    },
  );
  const known = { backends, naming, platforms, lacking };
  checkPolicy(parsed.data, document, known, report);
  warnOfRequesters(parsed.data, known, into(warnings));
  warnOfTakeOvers(parsed.data.rules, into(warnings));
  return problems.length > 0 ? refused(problems) : { document, problems: [], warnings: inOrder(warnings) };
}

function refused(problems: readonly PolicyProblem[]): LoadedPolicy {
  return { document: null, problems: inOrder(problems), warnings: [] };
}
