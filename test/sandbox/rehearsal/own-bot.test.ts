/** A bot that a person starts by themselves: what the page is told of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OwnBot } from '../../../src/sandbox/rehearsal/own-bot.ts';

test('it is looked at, and never started or stopped', async () => {
  let healthy = false;
  let changes = 0;
  let looks = 0;
  const bot = new OwnBot({
    port: 4001,
    folder: '/rehearsal',
    isHealthy: async (port) => port === 4001 && healthy,
    onChange: () => (changes += 1),
    onLook: async () => (looks += 1),
  });
  await bot.look();
  assert.deepEqual(bot.status, { state: 'stopped', port: 4001, died: null, ownIn: '/rehearsal' });
  healthy = true;
  await bot.look();
  await bot.look();
  assert.deepEqual([bot.status.state, bot.running, changes, looks], ['running', true, 1, 3]);
  healthy = false;
  await bot.look();
  assert.deepEqual([bot.status.state, bot.running, changes], ['stopped', false, 2]);
  await assert.rejects(bot.start(), /your own: start it in \/rehearsal/);
  await assert.rejects(bot.stop(), /your own: stop it/);
  assert.match(bot.log[0]?.text ?? '', /in the terminal/);
});

test('a look that fails, as one does when the sandbox is closing, ends nothing, and the next one is made', async () => {
  let looks = 0;
  const bot = new OwnBot({
    port: 4001,
    folder: '/rehearsal',
    isHealthy: async () => true,
    onChange: () => {},
    async onLook() {
      looks += 1;
      throw new Error('The sandbox is closing.');
    },
  });
  await bot.look();
  await bot.look();
  assert.equal(looks, 2);
});
