/** What the cards of one run say about its end, when several of them have something to say. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DecideAnswer } from '../../../src/core/ports/ports.ts';
import { ask, type Engine, says, withEngine } from '../../support/worlds/engine.ts';

const run = { backend: 'runtype', runId: 'exec_1' } as const;
const ends = (state: 'completed' | 'failed' | 'lost') =>
  ({ type: 'run_ended', ...run, state, text: state === 'lost' ? null : 'Done' }) as const;
const ambiguous: DecideAnswer = { result: { type: 'ambiguous', reason: 'reset' } };
/** Our first call won; `following`: the rest of the run is read. */
const already = (following: boolean): DecideAnswer => ({
  result: { type: 'already', verdict: 'approve', reason: 'decided', following },
});
const recorded: DecideAnswer = { result: { type: 'recorded', following: true } };

/** Two approvals of one run: the answer to the first is lost, and that to the second brings the end of the run. */
async function twoApprovals(engine: Engine, end: 'completed' | 'failed', second: DecideAnswer) {
  const first = await ask(engine, { key: 'approval:1', groupId: 'approval:1' });
  const other = await ask(engine, { key: 'approval:2', groupId: 'approval:2' });
  engine.answers.push(recorded);
  await engine.onPress(engine.press({ buttonId: other }));
  await says(engine, 2, 'Approved by Dana Reyes.');
  engine.answers.push(ambiguous, second);
  await engine.onPress(engine.press({ buttonId: first }));
  await says(engine, 0, 'Retrying automatically.');
  await engine.intake.deliver(ends(end));
  return { first: first.approvalId, other: other.approvalId };
}

const stateOf = async (engine: Engine, id: string) => (await engine.store.get(id))?.continuation?.state ?? null;

describe('a run that has ended is not lost', () => {
  for (const end of ['completed', 'failed'] as const) {
    test(`when a second call says that the first has arrived, and another card says ${end}`, () =>
      withEngine(async (engine) => {
        const { first, other } = await twoApprovals(engine, end, already(false));
        engine.clock.advance(60_000);
        await says(engine, 0, 'Approved by Dana Reyes.');
        assert.equal(await stateOf(engine, other), end);
        assert.equal(await stateOf(engine, first), null);
      }));

    test(`when what is read after the second call has no end, and another card says ${end}`, () =>
      withEngine(async (engine) => {
        const { first, other } = await twoApprovals(engine, end, already(true));
        engine.clock.advance(60_000);
        await says(engine, 0, 'Approved by Dana Reyes.');
        await engine.intake.deliver(ends('lost'));
        assert.equal(await stateOf(engine, other), end);
        assert.equal(await stateOf(engine, first), 'paused');
      }));
  }

  test('but one of which nothing was seen is', () =>
    withEngine(async (engine) => {
      const first = await ask(engine, { key: 'approval:1', groupId: 'approval:1' });
      engine.answers.push(ambiguous, already(false));
      await engine.onPress(engine.press({ buttonId: first }));
      await says(engine, 0, 'Retrying automatically.');
      engine.clock.advance(60_000);
      await says(engine, 0, 'lost track');
      assert.equal(await stateOf(engine, first.approvalId), 'lost');
    }));
});
