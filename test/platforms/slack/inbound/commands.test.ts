import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dana, startSlack } from '../support.ts';

describe('/countersign', () => {
  test('arrives with its person, place and text, and its acknowledgement is the private answer', async () => {
    await using rig = await startSlack();
    const { emulator } = rig;
    const order: string[] = [];
    emulator.journal.onEntry(() => order.push(emulator.journal.entries.at(-1)?.kind ?? ''));
    rig.answerCommand = async (command) => {
      order.push('committed');
      assert.match(command.id, new RegExp(`^slack:${emulator.teamId}:${dana}:.+`));
      assert.deepEqual(command.actor, { platform: 'slack', id: dana, name: 'dana' });
      assert.deepEqual(command.place, { platform: 'slack', room: emulator.channel });
      assert.deepEqual(command.ask, { verb: 'run', name: 'desk', text: 'Is *this* <ok>?' });
      return { text: 'Starting <desk>. Its card comes in', rooms: ['C0000000002'] };
    };
    const typed = await emulator.command(dana, '/countersign', 'run desk Is *this* <ok>?');
    assert.ok(typed.acked);
    assert.deepEqual(order, ['envelope', 'committed', 'ack'], 'nothing goes to the network in between');
    const [told] = rig.asides();
    assert.equal(told?.text, 'Starting &lt;desk&gt;. Its card comes in <#C0000000002>');
    assert.equal(told?.onlyFor, dana);
  });

  test('delivered twice has one id, typed twice has two', async () => {
    await using rig = await startSlack();
    const ids: string[] = [];
    rig.answerCommand = async ({ id }) => {
      ids.push(id);
      return { text: 'Heard.', rooms: [] };
    };
    await rig.emulator.command(dana, '/countersign', 'run desk', { deliveries: 2 });
    await rig.emulator.command(dana, '/countersign', 'run desk');
    assert.equal(ids.length, 3);
    assert.equal(new Set(ids).size, 2);
  });

  test('that is not recorded is answered so; from another workspace it never reaches the handler', async () => {
    await using rig = await startSlack();
    let heard = 0;
    rig.answerCommand = async () => {
      heard += 1;
      throw new Error('disk full');
    };
    await rig.emulator.command(dana, '/countersign', 'run desk');
    await rig.emulator.command(dana, '/countersign', 'run desk', { teamId: 'T0OTHER' });
    const [first, second] = rig.asides();
    assert.match(first?.text ?? '', /Nothing was recorded or started/);
    assert.match(second?.text ?? '', /works only where Countersign posts/);
    assert.equal(heard, 1);
  });

  test('is answered with buttons, and a press on one is a command of its own, which replaces the answer', async () => {
    await using rig = await startSlack();
    const asked: string[] = [];
    rig.answerCommand = async ({ ask, id }) => {
      asked.push(`${ask.verb} ${id.startsWith('slack:')}`);
      return { text: `After ${ask.verb}.`, rooms: [], buttons: [{ label: 'Retry', typed: 'retry' }] };
    };
    await rig.emulator.command(dana, '/countersign', 'status');
    const [answer] = rig.asides();
    const { channel } = rig.emulator;
    await rig.emulator.press({ userId: dana, channel, ts: answer?.ts ?? '', actionId: 'countersign.command.0' });
    assert.deepEqual(asked, ['status true', 'retry true']);
  });

  test('whose connection closed is answered through its response_url', async () => {
    await using rig = await startSlack();
    const { promise, resolve } = Promise.withResolvers<void>();
    rig.answerCommand = async () => {
      rig.emulator.dropSockets();
      resolve();
      await new Promise<void>((gone) => rig.log.onLine(gone));
      return { text: 'Starting desk.', rooms: [] };
    };
    void rig.emulator.command(dana, '/countersign', 'run desk');
    await promise;
    await new Promise<void>((told) => {
      const stop = rig.emulator.onChange(() => {
        if (rig.asides().length === 0) return;
        stop();
        told();
      });
    });
    assert.equal(rig.asides()[0]?.text, 'Starting desk.');
  });
});
