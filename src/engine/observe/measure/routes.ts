/** The names of rules, as metrics tell them apart. Tested in test/engine/observe/measure/routes.test.ts. */
import type { PolicyDocument } from '../../../core/policy/rules/document.ts';

/** With each of them several metrics have values of their own. The rules beyond are counted together. */
const ROUTES_MAX = 100;

/**
 * By which rule something was routed, as a label: only the rules of the file that applies have their names, so that there are
 * never more than it has. Rules of an earlier file, and those beyond the first hundred, are `other`; no rule is `none`.
 */
export function createRoutes(document: () => Pick<PolicyDocument, 'rules'>): (rule: string | undefined) => string {
  let known: { document: unknown; names: ReadonlySet<string> } = { document: null, names: new Set() };
  return (rule = '') => {
    const newest = document();
    if (known.document !== newest) {
      known = { document: newest, names: new Set(newest.rules.slice(0, ROUTES_MAX).map(({ name }) => name)) };
    }
    if (known.names.has(rule)) return rule;
    return rule === '' ? 'none' : 'other';
  };
}
