/** The bot as a child process: started, stopped, and what is said when it dies. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { BotProcess } from '../../src/sandbox/bot-process.ts';
import { writeScript } from './page/support.ts';

const healthy = `
  import { createServer } from 'node:http';
  const server = createServer((_, answer) => answer.end('ok')).listen(process.env.PORT, '127.0.0.1');
  console.log('environment', Object.keys(process.env).sort().join(' '));
  console.log('folder', process.cwd());
  process.on('SIGTERM', () => { console.log('stopping in order'); server.close(); server.closeAllConnections(); });
  process.on('SIGHUP', () => process.exit(3));
`;

async function start(code: string) {
  const { folder, script, remove } = await writeScript(code);
  const port = await freePort();
  const listeners = new Set<() => void>();
  const onChange = () => {
    for (const listener of listeners) listener();
  };
  const bot = new BotProcess({ script, folder, port, env: { PORT: String(port), MARK: 'x' }, onChange });
  const until = (done: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!done()) return;
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      look();
    });
  const lines = () => bot.log.map((line) => line.text).join('\n');
  return { bot, folder, port, lines, until, remove };
}

describe('the bot process', () => {
  test('starts with nothing but the environment it is given, stops in order, and starts again', async () => {
    const { bot, folder, port, lines, remove } = await start(healthy);
    await bot.start();
    assert.deepEqual(bot.status, { state: 'running', port, died: null });
    assert.match(lines(), /^environment MARK PORT$/m);
    assert.match(lines(), new RegExp(`^folder .*${folder.split('/').at(-1)}$`, 'm'));
    await bot.stop();
    assert.deepEqual(bot.status, { state: 'stopped', port, died: null });
    assert.match(lines(), /stopping in order$/);
    await bot.start();
    assert.equal(bot.running, true);
    await bot.stop();
    assert.equal((await readFile(join(folder, 'bot.log'), 'utf8')).match(/stopping in order/g)?.length, 2);
    await remove();
  });

  test('two starts make one bot; a stop waits for a start', async () => {
    const { bot, lines, remove } = await start(healthy);
    await Promise.all([bot.start(), bot.start(), bot.stop()]);
    assert.equal(bot.status.state, 'stopped');
    assert.equal(lines().match(/^environment/gm)?.length, 1);
    await remove();
  });

  test('a bot that dies by itself is shown as stopped, with its exit code', async () => {
    const { bot, until, port, remove } = await start(
      healthy.replace("answer.end('ok')", "{ answer.end('ok'); setTimeout(() => process.exit(3), 20); }"),
    );
    await bot.start();
    await until(() => bot.status.state === 'stopped');
    assert.deepEqual(bot.status, { state: 'stopped', port, died: 'exit code 3' });
    await bot.stop();
    await remove();
  });

  test('a bot that does not come up says why', async () => {
    const { bot, remove } = await start('console.error("SLACK_BOT_TOKEN is missing"); process.exit(1);');
    await assert.rejects(bot.start(), /exit code 1.*SLACK_BOT_TOKEN is missing/s);
    assert.equal(bot.running, false);
    await remove();
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
