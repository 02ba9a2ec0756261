import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRoutes } from '../../../../src/engine/observe/measure/routes.ts';
import { documentOf, ruleOf } from '../../../support/data/policies.ts';

const withRules = (...names: string[]) => {
  return documentOf({ rules: names.map((name) => ruleOf({ name })) });
};

test('only rules of the file that applies have their names, and never more than a hundred', () => {
  let document = withRules('refunds', 'everything');
  const routeOf = createRoutes(() => document);
  assert.deepEqual(['refunds', 'everything', 'gone', '', undefined].map(routeOf), [
    'refunds',
    'everything',
    'other',
    'none',
    'none',
  ]);
  document = withRules(...Array.from({ length: 300 }, (_, index) => `rule ${index}`));
  const labels = new Set(document.rules.map(({ name }) => routeOf(name)));
  assert.equal(labels.size, 101);
  assert.equal(routeOf('refunds'), 'other');
});
