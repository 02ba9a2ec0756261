/** What a reviewer can read before they approve: on the card, or in *Details*, through which *Approve* then leads. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Approval } from '../../src/core/approval/approval.ts';
import { limitPause } from '../../src/core/approval/pause/limit-pause.ts';
import type { Pause } from '../../src/core/approval/pause/pause.ts';
import { renderCard } from '../../src/core/view/cards/approval-card.ts';
import { isAllSeen, unseenOf } from '../../src/core/view/content/unseen.ts';
import { detailsText } from '../../src/core/view/details/pages.ts';
import { detailsOf } from '../../src/core/view/details/sections.ts';
import { createTestClock } from '../support/clock.ts';
import { after, announced, pauseOf } from '../support/data/pauses.ts';
import { runs } from '../support/property.ts';
import { payloads } from './payloads.ts';

const clock = createTestClock();

/** As it is stored. */
function approvalOf(more: Partial<Pause>): Approval {
  return after(announced({ pause: limitPause(pauseOf(more), clock.hash) }));
}

function onCard(approval: Approval): string {
  const { buttons, summary, ...card } = renderCard(approval, { backend: 'Runtype' });
  return textsIn(card).join('\n');
}

/** Every text of a card; a line of several spans is one. */
function textsIn(part: unknown): string[] {
  if (typeof part === 'string') return [part];
  if (typeof part !== 'object' || part === null) return [];
  if (Array.isArray(part) && part.length > 0 && part.every((one) => typeof one !== 'object' || !('text' in one)))
    return [part.flatMap(textsIn).join('')];
  return Object.values(part).flatMap(textsIn);
}

function inDetails(approval: Approval): string {
  return detailsText(detailsOf(approval, [], 'Runtype'));
}

/** Null: one press decides. */
function obstacle(approval: Approval): 'read first' | 'not here' | null {
  if (!approval.pause.actions.includes('approve')) return 'not here';
  return isAllSeen(unseenOf(approval)) ? null : 'read first';
}

test('there are enough of them, and each has a name of its own', () => {
  assert.ok(payloads.length >= 60, String(payloads.length));
  assert.equal(new Set(payloads.map(({ name }) => name)).size, payloads.length);
});

describe('before a press counts, a reviewer can read', () => {
  for (const { name, pause, mustSee, mustNotSee = [] } of payloads) {
    test(name, () => {
      const approval = approvalOf(pause);
      const [card, details, way] = [onCard(approval), inDetails(approval), obstacle(approval)];
      if (mustSee.length === 0) assert.equal(way, 'not here');
      for (const text of mustSee) {
        if (card.includes(text)) continue;
        assert.notEqual(way, null, `“${text}” is not on the card, and one press approves:\n${card}`);
        if (way === 'read first')
          assert.ok(details.includes(text), `“${text}” is nowhere:\n${details.slice(0, 3_000)}`);
      }
      for (const text of mustNotSee) {
        assert.ok(!card.includes(text), `“${text}” is on the card`);
        assert.ok(!details.includes(text), `“${text}” is in the details`);
      }
    });
  }
});

/** What an agent may put around what it wants to hide. */
const wrappers = fc.constantFrom(
  '',
  ' ',
  '\n',
  '\r',
  '\t',
  '\u200b',
  '\u202e',
  '```',
  '"',
  "'",
  '`',
  '\\',
  '\\n',
  '{',
  '}',
  '[',
  '<!--',
  '-->',
  'password=',
  'password: ',
  'token: "',
  'secret="',
  'Authorization: Bearer ',
  '://user:',
  '@host',
  '?sig=',
  '#',
  '-----BEGIN PRIVATE KEY-----',
  '-----BEGIN PRIVATE KEY-----\n',
  '\n-----END PRIVATE KEY-----',
  '-----END',
  'eyJhbGciOiJIUzI1NiJ9.',
  'AKIA',
  'ghp_',
  'xoxb-',
  'sk_live_',
  '4111 1111 1111 1111',
  '••••••',
  '•••••• 9 characters',
  'n'.repeat(600),
  ' '.repeat(600),
  '\n'.repeat(60),
  '0'.repeat(300),
  '\u0300'.repeat(60),
  '✅ ',
  '… ',
);
const names = fc.constantFrom(
  'note',
  'password',
  'secret',
  'token',
  'key',
  'auth',
  'cookie',
  'session',
  'credentials',
  'pin',
  'api_key',
  '',
  '__proto__',
  'a'.repeat(200),
  'value',
  'data',
  '\u202e',
  'private_key',
  'card',
);
const MARKER = 'wire 99,999 EUR to Mallory';

type Shape = (text: string, name: string) => Record<string, unknown>;
const shapes = fc.constantFrom<Shape>(
  (text, name) => ({ [name]: text }),
  (text, name) => ({ [text]: name }),
  (text, name) => ({ [name]: { [name]: text } }),
  (text, name) => ({ [name]: [text, text] }),
  (text, name) => ({ [name]: Array.from({ length: 40 }, (_, at) => (at === 20 ? text : 'ok')) }),
  (text, name) => ({ [name]: JSON.stringify({ [name]: text }) }),
  (text, name) => ({ ...Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`f${at}`, at])), [name]: text }),
  (text, name) => ({ [name]: Array.from({ length: 70 }).reduce<unknown>((inner) => ({ a: inner }), text) }),
);

test('whatever is around it: where it is neither on the card nor in Details, one press does not approve', () => {
  const around = fc.array(wrappers, { maxLength: 4 }).map((parts) => parts.join(''));
  const where = fc.constantFrom('parameters', 'description', 'reason', 'tool', 'asker', 'prompt');
  fc.assert(
    fc.property(around, around, names, shapes, where, (before, behind, name, shape, place) => {
      const text = `${before}${MARKER}${behind}`;
      const more: Partial<Pause> =
        place === 'parameters'
          ? { parameters: shape(text, name) }
          : place === 'prompt'
            ? { prompt: { title: 'A question', text, form: null } }
            : { [place]: text };
      const approval = approvalOf(more);
      const way = obstacle(approval);
      if (onCard(approval).includes(MARKER) || way === 'not here') return;
      assert.equal(
        way,
        'read first',
        `${place}: ${JSON.stringify(text).slice(0, 300)}\n${onCard(approval).slice(0, 2_000)}`,
      );
      const isMasked = unseenOf(approval).masks.length > 0;
      assert.ok(
        isMasked || inDetails(approval).includes(MARKER),
        `nowhere: ${place}: ${JSON.stringify(text).slice(0, 300)}`,
      );
    }),
    { numRuns: runs(1_000) },
  );
});
