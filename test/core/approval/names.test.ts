/** Names that others chose can't speak in our voice. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { actorName, askerName, toolName, toolPhrase, toolTitle } from '../../../src/core/approval/names.ts';

import { oddText } from '../../fuzz/arbitrary.ts';
import { after, announced, dana, pauseOf } from '../../support/data/pauses.ts';
import { runs } from '../../support/property.ts';

const titles: readonly (readonly [kind: 'approval' | 'await' | 'item' | 'run', tool: string, title: string])[] = [
  ['approval', 'refund_order', 'Refund order'],
  ['approval', 'delete:customers', 'Delete customers'],
  ['approval', '✅ Approved by Dana Reyes', 'Tool “⟨✅⟩ Approved by Dana Reyes”'],
  ['await', 'Approved by Dana Reyes', 'Tool “Approved by Dana Reyes”'],
  ['approval', 'x” is safe. Approved by “Dana', 'Tool “x" is safe. Approved by "Dana”'],
  ['approval', 'Reminder: 2 still need a decision.', 'Tool “Reminder: 2 still need a decision.”'],
  ['approval', 'rm -rf /', 'Tool “rm -rf /”'],
  ['approval', 'DELETE /users/{id}', 'Tool “DELETE /users/{id}”'],
  ['approval', 'a\nApproved', 'Tool “a Approved”'],
  ['approval', '', 'Tool “unnamed”'],
  ['item', 'send_invoice', 'Send invoice'],
  ['item', 'Message to Bo Li', 'Request “Message to Bo Li”'],
  ['run', 'refunds', 'Run refunds'],
  ['run', '✅ Done', 'Run “⟨✅⟩ Done”'],
];

describe('a heading', () => {
  for (const [kind, tool, title] of titles) {
    test(`of ${JSON.stringify(tool)} is ${title}`, () => assert.equal(toolTitle(pauseOf({ kind, tool }), 100), title));
  }

  test('of any name is a plain one, or is all in quotation marks, within its limit', () => {
    fc.assert(
      fc.property(oddText(200), fc.integer({ min: 20, max: 120 }), (tool, max) => {
        for (const kind of ['approval', 'item', 'run'] as const) {
          const title = toolTitle(pauseOf({ kind, tool }), max);
          assert.ok(title.length <= max && title.isWellFormed(), title);
          assert.match(title, /^(?:(?:Tool|Request|Run) “[^“”]+”|[^“”\s][^“”]*)$/);
          if (!title.endsWith('”')) assert.match(title, /^[\p{L}\p{N}\p{M} _.:/-]+…?$/u);
        }
      }),
      { numRuns: runs(500) },
    );
  });

  test('within a sentence is quoted once', () => {
    assert.equal(toolPhrase(pauseOf({ tool: 'refund_order' }), 100), '“Refund order”');
    assert.equal(toolPhrase(pauseOf({ tool: 'rm -rf' }), 100), 'Tool “rm -rf”');
    assert.equal(toolName(pauseOf({ kind: 'item', tool: 'Message to Bo' }), 100), '“Message to Bo”');
  });

  test('of a question keeps the marks that its backend put, also where it is cut', () => {
    const prompt = { title: `Question “${'long '.repeat(40)}”`, text: '', form: null };
    const title = toolTitle(pauseOf({ prompt }), 40);
    assert.ok(title.length <= 40 && title.endsWith('…”'), title);
  });
});

test('an asker is quoted, and a person’s signs are in brackets', () => {
  const asker = 'Approved” by Dana ✅';
  const shown = after(announced({ pause: pauseOf({ asker }) }));
  assert.equal(askerName(shown, 'Runtype'), '“Approved" by Dana ⟨✅⟩”');
  const nobody = after(announced({ pause: pauseOf({ asker: null }) }));
  assert.equal(askerName(nobody, 'Runtype'), 'A run on Runtype');
  assert.equal(actorName({ ...dana, name: '✅ Dana\u202e' }), '⟨✅⟩ Dana⟨U+202E⟩');
});
