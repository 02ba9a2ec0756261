/** During an upgrade and after it was undone, an older version reads and writes what a newer one has stored. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { checkpointSchema } from '../../../src/backends/runtype/stream/checkpoint.ts';
import { type Approval, approvalSchema } from '../../../src/core/approval/approval.ts';
import type { Input } from '../../../src/core/approval/inputs.ts';
import { isTooNew, KNOWN_SHAPE, shapeOf, WRITTEN_SHAPE, withShape } from '../../../src/core/approval/parts/shape.ts';
import { step } from '../../../src/core/approval/steps/step.ts';
import { absenceSchema } from '../../../src/core/policy/absences/absence.ts';
import { grantSchema } from '../../../src/core/policy/grants/grant.ts';
import { linkSchema } from '../../../src/core/policy/operators/people.ts';
import { stopSchema } from '../../../src/core/policy/operators/stop.ts';
import { unknownFields } from '../../../src/core/text/stored-object.ts';
import { anyInput } from '../../support/data/any-input.ts';
import { kindsOfPauses } from '../../support/data/kinds-of-pauses.ts';
import { announced, dana, pauseOf, slackRoom } from '../../support/data/pauses.ts';
import { runs } from '../../support/property.ts';

/** What only a newer version knows. */
const LATER = { since: 'the next version' };
/** Their names are data: what is in them is not of our making. */
const FOREIGN = new Set(['parameters', 'wire', 'address', 'schema', 'later']);
/** Records: their names are data, and their values are objects of ours. */
const RECORDS = new Set(['slots', 'verbs', 'buttons']);

/** With a field of a newer version in every object that a schema of ours describes. */
function withLater<T>(value: T, name = ''): T {
  if (typeof value !== 'object' || value === null || FOREIGN.has(name)) return value;
  if (Array.isArray(value)) return value.map((item) => withLater(item)) as T;
  const inner = Object.entries(value).map(([key, item]) => [key, withLater(item, key)] as const);
  return Object.fromEntries([...inner, ...(RECORDS.has(name) ? [] : [['later', LATER] as const])]) as T;
}

function withoutLater<T>(value: T, name = ''): T {
  if (typeof value !== 'object' || value === null || FOREIGN.has(name)) return value;
  if (Array.isArray(value)) return value.map((item) => withoutLater(item)) as T;
  const kept = Object.entries(value).filter(([key]) => key !== 'later');
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutLater(item, key)])) as T;
}

/** As it is in the database. */
const stored = <T>(value: T): T => JSON.parse(JSON.stringify(value));

/** Where an object that did not change has lost what it had. */
function lost(before: unknown, after: unknown, path = ''): string[] {
  if (typeof before !== 'object' || before === null || typeof after !== 'object' || after === null) return [];
  const names = Object.keys(before).filter((name) => !FOREIGN.has(name) && Object.hasOwn(after, name));
  const inside = names.flatMap((name) => {
    const [one, other] = [before, after].map((value) => (value as Record<string, unknown>)[name]);
    return lost(one, other, `${path}/${name}`);
  });
  const isSame = JSON.stringify(withoutLater(before)) === JSON.stringify(withoutLater(after));
  return isSame && 'later' in before && !('later' in after) ? [path, ...inside] : inside;
}

/** What an input brings along, and is not changed but written anew. */
const brought: Partial<Record<Input['type'], RegExp>> = {
  announced: /^.(?:pause.|previous)/,
  unreachable: /^.unreachable/,
  absent: /^.detail/,
  sent: /^.detail/,
  resolved: /^.detail/,
  cancelled: /^.detail/,
  recovered: /^.detail/,
  continued: /^.continuation/,
  posted: /receipt/,
  content_refused: /refused/,
};

const asked = announced({ places: [slackRoom] });

describe('stored shapes', () => {
  test('every kind of pause keeps the fields of a newer version', () => {
    for (const { pause } of kindsOfPauses) {
      const { state } = step(null, announced({ pause, places: [slackRoom], remindAfter: [] }), 1);
      const newer = withLater(stored(state));
      assert.deepEqual(approvalSchema.parse(newer), newer);
    }
  });

  test('no input erases the fields of a newer version, and none is decided otherwise because of them', () => {
    const property = fc.property(fc.array(anyInput(), { maxLength: 8 }), anyInput(), (inputs, last) => {
      let state: Approval | null = null;
      for (const [index, input] of [asked, ...inputs].entries()) state = step(state, input, index).state;
      assert.ok(state !== null);
      const before = approvalSchema.parse(stored(state));
      const newer = approvalSchema.parse(withLater(stored(state)));
      const { state: after } = step(newer, last, 20);
      assert.ok(after !== null);
      assert.deepEqual(withoutLater(stored(after)), stored(step(before, last, 20).state));
      assert.deepEqual((after as { later?: unknown }).later, LATER, 'the approval');
      for (const name of Object.keys(before.slots)) {
        assert.deepEqual((after.slots[name] as { later?: unknown }).later, LATER, `the slot ${name}`);
      }
      const isBrought = (path: string) => brought[last.type]?.test(path) === true;
      assert.deepEqual(
        lost(newer, after).filter((path) => !isBrought(path)),
        [],
      );
    });
    fc.assert(property, { numRuns: runs(500) });
  });

  test('the same question, announced again, keeps what a newer version has noted about it; another one does not', () => {
    const { state } = step(null, asked, 1);
    const newer = approvalSchema.parse(withLater(stored(state)));
    const fingerprint = newer.fingerprint;
    const again = announced({ pause: pauseOf({ groupId: 'g2' }), fingerprint });
    const noted = (input: Input) => step(newer, input, 2).state?.pause as { later?: unknown } | undefined;
    assert.deepEqual(noted(again)?.later, LATER);
    const other = announced({ pause: pauseOf({ groupId: 'g2' }), fingerprint: `other ${fingerprint}` });
    assert.equal(noted(other)?.later, undefined);
  });

  test('the policy’s records keep them, too, and the checkpoints of runs', () => {
    const checkpoint = { agentId: 'a', conversationId: 'c', row: '1', name: null, id: null, clientTools: [] };
    const grant = { by: dana, from: 'a', rule: 'r', version: 'v', key: 'k', same: 's', shape: 'h', vary: [] };
    for (const [schema, value] of [
      [stopSchema, { by: dana, at: 1, reason: null }],
      [absenceSchema, { absent: dana, deputy: dana, since: 1, until: 2 }],
      [linkSchema, { accounts: [dana, dana], at: 1 }],
      [grantSchema, { ...grant, uses: 2, used: 1, at: 1, until: 2 }],
      [checkpointSchema, { ...checkpoint, opener: null, requester: null }],
    ] as const) {
      const newer = withLater(value);
      assert.deepEqual(schema.parse(newer), newer);
      assert.deepEqual(unknownFields(schema, newer), { later: LATER });
    }
  });

  test('a state has the shape that this version writes, and never loses a newer one', () => {
    const { state } = step(null, asked, 1);
    assert.ok(state !== null);
    assert.ok(WRITTEN_SHAPE <= KNOWN_SHAPE);
    assert.equal(shapeOf(state), WRITTEN_SHAPE);
    assert.equal(withShape(state), state);
    const newer = { ...state, shape: KNOWN_SHAPE + 1 };
    assert.equal(withShape(newer), newer);
    assert.deepEqual([isTooNew(newer), isTooNew(state), isTooNew(null), isTooNew('')], [true, false, false, false]);
  });
});
