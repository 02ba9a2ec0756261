/**
 * Row 41: exceptions inside a handler. Malformed input stops at the adapter that read it; a job that throws has failed,
 * and the others continue. An exception that escapes all handlers ends the process: `process.test.ts`.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DecideAnswer } from '../../../src/core/ports/ports.ts';
import { pauseOf } from '../../support/data/pauses.ts';
import { calls, pressDiscord, pressSlack, untilCardsSay } from '../../support/people/room.ts';
import { ask, says, withEngine } from '../../support/worlds/engine.ts';
import { dana, inWorld, sam } from '../../support/worlds/world.ts';

const slackFrames = [
  '',
  'no json',
  'null',
  '[]',
  '{}',
  '{"type":"disconnect"',
  '{"type":17,"envelope_id":{}}',
  '{"type":"interactive","envelope_id":"e1"}',
  '{"type":"interactive","envelope_id":"e2","payload":null}',
  '{"type":"interactive","envelope_id":"e3","payload":{"type":"block_actions","actions":[null]}}',
  '{"type":"interactive","envelope_id":"e4","payload":{"type":"view_submission","view":{}}}',
  '{"type":"slash_commands","envelope_id":"e5","payload":{"command":5}}',
];
const discordFrames = [
  { op: 0, t: 'INTERACTION_CREATE', d: null },
  { op: 0, t: 'INTERACTION_CREATE', d: {} },
  { op: 0, t: 'INTERACTION_CREATE', d: { id: 5, type: 3, data: null, member: [] } },
  { op: 0, t: 'GUILD_CREATE', d: null },
  { op: 0, t: 'CHANNEL_DELETE', d: {} },
  { op: 0, t: 'GUILD_ROLE_UPDATE', d: { guild_id: [] } },
  { op: 0, t: 'NO_SUCH_EVENT', d: 1 },
  { op: 99 },
];

/** An answer that rejects; handled here, because it may be awaited only later. */
function thrown(): Promise<DecideAnswer> {
  const answer = Promise.reject<DecideAnswer>(new TypeError('thrown by a test'));
  answer.catch(() => {});
  return answer;
}

describe('row 41: a throw in a handler', () => {
  test('row 41: malformed frames stop where they are read, and the next press counts', () =>
    inWorld(async (world) => {
      await world.dispatch('refund-agent');
      const card = await world.slackCard();
      await world.dispatch('refund-agent');
      const other = await world.discordCard(1);
      for (const frame of slackFrames) world.slack.sendFrame(frame);
      for (const frame of discordFrames) world.discord.sendFrame(frame);
      assert.ok((await pressSlack(world, dana, card, 'Approve')).acked);
      assert.ok((await pressDiscord(world, sam, other, 'Approve')).acked);
      await untilCardsSay(world, 'Approved by Dana Reyes');
      await world.until('the second one', () => (calls(world, 'approve').length === 2 ? true : undefined));
    }));

  test('row 41: a card whose rendering throws is retried, and the other room gets its card at once', () =>
    withEngine(async (engine) => {
      engine.faults.post.push(new TypeError('thrown by a test'));
      await engine.intake.deliver({
        type: 'announced',
        pause: pauseOf(),
        via: 'stream',
        streamOpen: false,
        inputId: null,
      });
      await engine.until(() => (engine.messages.length === 1 ? true : undefined));
      await engine.until(() =>
        engine.lines().some(({ msg }) => msg === 'a job threw an unexpected error') ? true : undefined,
      );
      await engine.until(() => {
        engine.clock.advance(1_000);
        return engine.messages.length === 2 ? true : undefined;
      });
      assert.equal(new Set(engine.messages.map(({ platform }) => platform)).size, 2);
    }));

  test('row 41: a call that throws may have arrived: repeated only where a second one is refused', () =>
    withEngine(async (engine) => {
      const guarded = await ask(engine);
      engine.answers.push(thrown());
      await engine.onPress(engine.press({ buttonId: guarded }));
      await engine.until(() => {
        engine.clock.advance(1_000);
        return engine.calls.length === 2 ? true : undefined;
      });
      await says(engine, 0, 'Approved by');

      const unguarded = await ask(engine, { key: 'await:1', kind: 'await', runId: 'exec_2' });
      engine.answers.push(thrown());
      await engine.onPress(engine.press({ buttonId: unguarded }));
      await engine.until(() => {
        engine.clock.advance(1_000);
        return engine.status(2)?.includes('Unconfirmed') ? true : undefined;
      });
      assert.equal(engine.calls.length, 3, 'never sent again without a check');
    }));
});
