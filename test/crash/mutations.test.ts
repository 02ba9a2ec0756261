/** The rig, tested: what is broken on purpose must be found, and by the invariant that it breaks. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { applied, moduleOf } from '../support/mutate.ts';
import { crashMutations, type Mutation, type MutationName, mutationNames } from './checker/mutations.ts';
import { objection } from './checker/objection.ts';
import { isCardOf } from './world/rooms.ts';

/** The rest run with `npm run torture -- --mutation NAME`; `npm run mutations` takes away the same. */
const short: readonly MutationName[] = ['no-unique-approval', 'ack-before-commit', 'library-retries'];

describe('the crash rig objects', { concurrency: 3 }, () => {
  for (const name of short) {
    const { about }: Mutation = crashMutations[name];
    test(`without ${about}`, async () => {
      const { objected, found } = await objection(name);
      assert.ok(objected, `${name}: found only ${JSON.stringify(found)}`);
    });
  }
});

test('every mutation still fits the source', () => {
  for (const name of mutationNames) {
    const { edits }: Mutation = crashMutations[name];
    for (const edit of edits) {
      const text = readFileSync(moduleOf(edit.in), 'utf8');
      assert.notEqual(applied(text, edit, name), text, `${name} changes the module of ${edit.in}`);
    }
  }
});

test('a card that names the next step is not that step’s card', () => {
  const text = 'QX28 q5 x: Unconfirmed. This plan has moved on to step QX28Q6X. Step QX28Q5X';
  assert.deepEqual([isCardOf(text, 'QX28Q5X'), isCardOf(text, 'QX28Q6X')], [true, false]);
  const next = 'Only payload.note differs from the last one approved: QX1Q3X → QX3Q5X.';
  assert.deepEqual([isCardOf(next, 'QX3Q5X'), isCardOf(next, 'QX1Q3X')], [true, false]);
});
