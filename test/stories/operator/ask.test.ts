/** `npm run ask`: a shell script runs a command only after an approval. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compileCache } from '../../support/child.ts';
import { secretOf } from '../../support/data/secrets.ts';
import { pressDiscord, pressSlack, submitSlack, untilCardsSay } from '../../support/people/room.ts';
import { dana, inWorld, sam, type World } from '../../support/worlds/world.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Runs the line of a deploy script: the command after `&&` runs only on an approval. */
async function gate(world: World, question: string): Promise<{ code: number; output: string }> {
  const script = `npm run --silent ask -- "${question}" && echo DEPLOYED`;
  const env = {
    ...compileCache,
    PATH: process.env['PATH'] ?? '',
    ASK_URL: `http://127.0.0.1:${world.app().port}`,
    ASK_TOKEN: secretOf('ask'),
  };
  const child = spawn('sh', ['-c', script], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const [code] = await once(child, 'close');
  return { code: Number(code), output };
}

const inThis = (run: (world: World) => Promise<void>) => inWorld(run, { env: { ASK_TOKENS: secretOf('ask') } });

test('an approval lets the next command run', () =>
  inThis(async (world) => {
    const gated = gate(world, 'Deploy 1.4?');
    await world.discordCard();
    await pressSlack(world, dana, await world.slackCard(), 'Approve');
    const { code, output } = await gated;
    assert.equal(code, 0, output);
    assert.match(output, /Dana Reyes[\s\S]*DEPLOYED/);
    await untilCardsSay(world, 'Approved by Dana Reyes');
  }));

test('a rejection does not, and says why', () =>
  inThis(async (world) => {
    const gated = gate(world, 'Deploy 1.5?');
    await pressSlack(world, dana, await world.slackCard(), 'Reject');
    await submitSlack(world, dana, 'Not on a Friday');
    const { code, output } = await gated;
    assert.equal(code, 1, output);
    assert.match(output, /Not on a Friday/);
    assert.doesNotMatch(output, /DEPLOYED/);
  }));

test('a take-over does not either', () =>
  inThis(async (world) => {
    const gated = gate(world, 'Deploy 1.6?');
    await pressDiscord(world, sam, await world.discordCard(), 'Take over');
    const modal = await world.until('the form', () => world.discord.state().modals[0]);
    await world.discord.submitModal(sam.discordId, modal.id, { text: 'By hand' });
    assert.equal((await gated).code, 2);
  }));
