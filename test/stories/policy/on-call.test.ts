/** `examples/on-call.yml` in the real bot, on both platforms, with a clock that is moved ahead. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createSkippingClock } from '../../support/clock.ts';
import { jon, mara, onExample, type Stage } from '../../support/worlds/example.ts';

const ops = ['slack:C0OPS0001', 'discord:310000000000000001'] as const;
const incidents = ['slack:C0INC0001', 'discord:310000000000000002'] as const;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const sure = { 'Are you sure?': 'Yes' };

/** Wednesday, 22:10 in Berlin: a quiet hour, in a week of mara. */
const clock = createSkippingClock(Date.parse('2026-12-02T21:10:00Z'));

/** @param at ISO 8601 */
const skipTo = (at: string) => clock.skip(Date.parse(at) - clock.now());

/** Waits until mara has the card by direct message on both platforms. */
async function callsMara({ world }: Stage, word: string): Promise<void> {
  await world.until('the direct messages', () => {
    const slack = world.slack.state().messages.filter(({ channel }) => channel.startsWith('D'));
    const direct = world.discord.state().channels.filter(({ recipientId }) => recipientId === mara.discordId);
    const discord = world.discord.state().messages.filter(({ channelId }) => channelId === direct[0]?.id);
    return [slack, discord].every((messages) => JSON.stringify(messages).includes(word)) || undefined;
  });
}

describe('operations around the clock', () => {
  const stage = onExample('on-call.yml', { clock });

  test('production calls the person on call at night, then the whole team in the incident room', async () => {
    const { ask, press, fill, answer, says, isRead, decisions } = stage();
    const word = await ask('deploy_service', { environment: 'production' });
    await says(ops, word, /Rule “production”.*oncall/);
    const refused = await answer(jon, () => press(jon, ops[0], word, 'Approve'));
    assert.match(refused, /You can’t press Approve on this request\. Mara Lind can\. You can press Reject\./);
    clock.skip(5 * MINUTE_MS);
    await callsMara(stage(), word);
    clock.skip(10 * MINUTE_MS);
    await says(incidents, word, /Needs a decision\.[\s\S]*since the escalation also ops/);
    await isRead(
      ops,
      new RegExp(`Escalated: .*${word}[\\s\\S]*It is also in 2 other rooms now\\. @ops may decide it, too`),
    );
    assert.deepEqual(decisions(), []);
    await press(jon, incidents[1], word, 'Approve');
    await fill(jon, incidents[1], sure);
    await says([...ops, ...incidents], word, 'Approved by Jon Weber');
    assert.deepEqual(decisions(), ['approved']);
  });

  test('production that no one decides is rejected after two hours', async () => {
    const { ask, says, decisions } = stage();
    const word = await ask('restart_database', { environment: 'production' });
    await says(ops, word, 'Needs a decision.');
    clock.skip(2 * HOUR_MS);
    await says(ops, word, /Expired\. Nobody decided within 2 hours\. Runtype got a rejection\./);
    assert.deepEqual(decisions(), ['denied']);
  });

  test('all else waits for the morning: no reminder and no call before seven', async () => {
    const { ask, press, says, isRead, decisions, world } = stage();
    const word = await ask('rotate_logs');
    await says(ops, word, 'Needs a decision.');
    skipTo('2026-12-03T05:59:00Z');
    const next = await ask('rotate_keys');
    await says(ops, next, 'Needs a decision.');
    const texts = () => JSON.stringify([world.slack.state().messages, world.discord.state().messages]);
    assert.doesNotMatch(texts(), new RegExp(`(?:Reminder|Escalated):[^"]*${word}`));
    skipTo('2026-12-03T06:00:00Z');
    await isRead(ops, new RegExp(`Escalated: .*${word}[\\s\\S]*@oncall|Escalated: .*${word}`));
    await press(jon, ops[0], word, 'Approve');
    await says(ops, word, 'Approved by Jon Weber');
    assert.deepEqual(decisions(), ['approved']);
  });

  test('on Monday at nine it is the week of the other', async () => {
    const { ask, press, fill, answer, says, decisions } = stage();
    skipTo('2026-12-07T08:00:00Z');
    const word = await ask('rollback_service', { environment: 'production' });
    const refused = await answer(mara, () => press(mara, ops[1], word, 'Approve'));
    assert.match(refused, /You can’t press Approve on this request\. Jon Weber can\. You can press Reject\./);
    await press(jon, ops[1], word, 'Approve');
    await fill(jon, ops[1], sure);
    await says(ops, word, 'Approved by Jon Weber');
    assert.deepEqual(decisions(), ['approved']);
  });
});
