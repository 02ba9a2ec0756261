import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Lane, laneText, parseLane, queuedJob } from '../../../src/core/approval/lanes.ts';
import { after, announced, asApproval } from '../../support/data/pauses.ts';

const plain = { noNullPrototype: true };
const place = fc.record({ platform: fc.stringMatching(/^[a-z]+$/), room: fc.string() }, plain);
const lane = fc.oneof<fc.Arbitrary<Lane>[]>(
  fc.record({ kind: fc.constantFrom('post', 'edit', 'renew'), place }, plain),
  fc.record({ kind: fc.constant('run'), backend: fc.stringMatching(/^[a-z]+$/), runId: fc.string() }, plain),
  fc.record({ kind: fc.constant('wake'), id: fc.string() }, plain),
);

test('a lane is read back from its text', () => {
  fc.assert(fc.property(lane, (given) => assert.deepEqual(parseLane(laneText(given)), given)));
});

test('the text of a lane is the one that databases hold', () => {
  assert.equal(laneText({ kind: 'post', place: { platform: 'slack', room: 'C0123' } }), 'post:slack:C0123');
  assert.equal(laneText({ kind: 'edit', place: { platform: 'slack', room: 'dm:U1' } }), 'edit:slack:dm:U1');
  assert.equal(laneText({ kind: 'run', backend: 'runtype', runId: 'run:slack:1' }), 'run:runtype:run:slack:1');
  assert.equal(laneText({ kind: 'wake', id: 'ap1' }), 'wake:ap1');
});

test('any other text is not a lane', () => {
  for (const text of ['', 'post', 'draw:slack:C0123', 'C0123']) {
    assert.throws(() => parseLane(text), /is not a valid lane/, text);
  }
});

test('of the cards of a room, one that a person waits for goes before one that closed without a press', () => {
  const open = after(announced());
  const [[name, slot] = assert.fail()] = Object.entries(open.slots);
  const posted = { ...slot, receipt: { platform: 'slack', room: 'C1', message: '1.1' } };
  const order = (more: object) => {
    const approval = asApproval({ ...open, slots: { [name]: posted }, ...more });
    const { lane, urgency } = queuedJob({ type: 'draw', slot: name }, approval, 0);
    return [lane.kind, urgency];
  };
  const by = (platform: string) => {
    const decision = { action: 'approve' as const, actor: { platform, id: 'U1', name: 'dana' }, text: null, at: 1 };
    return { phase: 'settled', decision };
  };
  assert.deepEqual(
    [order(by('slack')), order(by('policy'))],
    [
      ['edit', 0],
      ['edit', 1],
    ],
  );
  assert.deepEqual(
    [order({ phase: 'settled' }), order({})],
    [
      ['edit', 1],
      ['renew', 2],
    ],
  );
});
