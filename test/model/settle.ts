/** Once the faults are over and time has passed: nothing is owed, every card is true, and every promise was kept. */
import assert from 'node:assert/strict';
import type { Card } from '../../src/core/view/card.ts';
import { slackRoom } from '../support/data/pauses.ts';
import { release } from './commands.ts';
import type { Heart } from './engine-model.ts';
import { type Message, onTheWire, questions } from './fakes.ts';

const LONGEST_JOB_WAIT_MS = 15 * 60_000;

/** The second phase: no more faults, and as much time as it takes. */
export async function comeToRest(heart: Heart): Promise<void> {
  heart.world.fates.length = 0;
  heart.world.roomFates.length = 0;
  heart.full.next = 0;
  if (heart.dead) await heart.restart();
  else await heart.pass('quiet');
  // A death that was still to come comes now, if at all.
  heart.engine().life.dieAfter(0);
  await heart.restart();
  release(heart);
  await heart.pass('quiet');
  heart.begin(() => heart.engine().intake.deliver({ type: 'stream_ended', groupId: 'stream:run2' }));
  for (let round = 0; round < 8; round += 1) {
    heart.clock.advance(LONGEST_JOB_WAIT_MS);
    await heart.pass('quiet');
    release(heart);
  }
  await heart.pass('quiet');
}

const answered = new Set(['approved', 'rejected', 'taken_over', 'answered', 'unconfirmed']);

export async function checkRest(heart: Heart): Promise<void> {
  const { oracle, base, messages } = heart;
  if (oracle.failure !== null) throw oracle.failure;
  assert.equal(await base.msUntilNextJob(), null, 'the outbox is empty but for what was given up');
  for (const question of questions) {
    const approval = await base.get(heart.idOf(question.key));
    const truth = oracle.truth(question.key);
    const { winner } = oracle.standing(question.key);
    if (approval === null) continue;
    const { phase, outcome, decision } = approval;
    const where = `${question.name}: ${phase} ${outcome ?? ''} ${approval.detail ?? ''}`;
    assert.notEqual(phase, 'sending', `${where}: on its way for ever`);

    const ours = truth.effects.filter(({ by }) => by === 'us');
    if (!question.guarded) {
      const tries = [...oracle.presses.values()].filter(
        ({ press, told, question: { runId } }) =>
          press.buttonId.action === 'retry' && runId === question.runId && (told === 'accepted' || told === 'unheard'),
      );
      assert.ok(ours.length <= 1 + tries.length, `${where}: ${ours.length} effects, ${tries.length} tries again`);
    } else assert.ok(ours.length <= 1);
    if (ours.length > 0) assert.ok(answered.has(outcome ?? ''), `${where}: it had effect, and the card says otherwise`);

    if (winner !== null && winner.actor !== 'app') {
      assert.ok(decision !== null, `${where}: ${winner.name} was told that it is decided`);
      assert.deepEqual([decision.actor.id, decision.action], [winner.actor, winner.action], where);
    }
    if (phase === 'decided') {
      const group = await base.list({ groupId: approval.pause.groupId });
      assert.ok(
        group.some((one) => one.phase === 'open'),
        `${where}: nothing to wait for`,
      );
    }
    if (outcome === 'approved' || outcome === 'rejected' || outcome === 'taken_over' || outcome === 'answered') {
      const verdict = onTheWire(question.kind, decision?.action ?? 'approve');
      assert.ok(
        truth.effects.some((effect) => effect.verdict === verdict),
        `${where}: the backend knows nothing of it`,
      );
    }
    await checkCards(heart, question.key, where);
  }
  for (const { key } of messages.values()) {
    assert.equal([...messages.values()].filter((one) => one.key === key).length, 1, `two cards of ${key}`);
  }
}

/** Each place has one card, and it shows the present state; except in a room that is gone, which the operator has read. */
async function checkCards({ base, messages, idOf, cardOf, lost }: Heart, key: string, where: string): Promise<void> {
  const approval = await base.get(idOf(key));
  if (approval === null) return;
  for (const slot of Object.keys(approval.slots)) {
    const platform = slot.includes(slackRoom.platform) ? 'slack' : 'discord';
    if (lost.has(`${platform}/${approval.id}:${slot}`) || approval.slots[slot]?.kind !== 'card') continue;
    const name: string = `${platform}/${approval.id}:${slot}`;
    const message: Message | undefined = [...messages.values()].find((one) => one.key === name);
    if (message === undefined) {
      assert.ok(approval.phase === 'settled', `${where}: no card in ${slot}`);
      continue;
    }
    assert.deepEqual(gist(message.cards.at(-1)), gist(cardOf(approval)), `${where}: the card in ${slot} is old`);
  }
}

/** What a person decides by. The small print may still be of a moment ago: where else it is posted, for example. */
function gist(card: Card | undefined): Partial<Card> {
  if (card === undefined) return {};
  const { title, tone, status, asker, body, remark, buttons } = card;
  return { title, tone, status, asker, body, remark, buttons };
}
