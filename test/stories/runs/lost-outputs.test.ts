/** The answer to an output is lost, of a saved agent’s run: the run shows what became of the call, and a person’s decision is not lost. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pressSlack, textOf } from '../../support/people/room.ts';
import { dana, inWorld, type World } from '../../support/worlds/world.ts';

const RESUME = '/v1/dispatch/resume';
const EVENTS = '/v1/agents/:id/executions/:executionId/events';

/** A saved agent that waits for an output and then for a decision. */
function addOutput(world: World, ...more: string[]): void {
  const script = world.runtype.scripts.get('two-pauses');
  assert.ok(script);
  const calls = ['check_backup', ...more].map((toolName) => ({ toolName, parameters: { database: 'billing-eu' } }));
  script.steps.splice(1, 0, { do: 'awaits', calls });
}

/** An application that reads its response to the end. */
function callAgent(world: World): { text: Promise<string>; isOver(): boolean } {
  let over = false;
  const text = fetch(`http://127.0.0.1:${world.app().port}/v1/dispatch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${world.runtype.applicationKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      agent: { agentId: 'two-pauses' },
      conversationId: 'conv_1',
      messages: [{ role: 'user', content: 'Go.' }],
    }),
  })
    .then((answer) => answer.text())
    .finally(() => {
      over = true;
    });
  return { text, isOver: () => over };
}

/** The card of a tool in Slack, once it shows this. */
const card = (world: World, tool: string, shows = /./) =>
  world.until(`the card of ${tool} to show ${shows}`, () =>
    world.slack
      .state()
      .messages.find((one) => one.onlyFor === null && textOf(one).includes(tool) && shows.test(textOf(one))),
  );

async function press(world: World, tool: string, label = 'Approve'): Promise<void> {
  await pressSlack(world, dana, await card(world, tool), label);
}

const resumes = (world: World) =>
  world.runtype.journal.entries.filter((entry) => entry.kind === 'call' && entry.path === RESUME).length;

/** Runtype announces again what was not answered: an application resumes the run without outputs. */
async function announceAgain(world: World, toolOutputs: Record<string, unknown> = {}): Promise<void> {
  const { url, apiKey } = world.runtype;
  const run = world.runtype.runs()[0];
  const answer = await fetch(`${url}${RESUME}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ executionId: run?.executionId, toolOutputs }),
  });
  await answer.text();
}

async function finishes(world: World): Promise<void> {
  await press(world, 'Run migration');
  await press(world, 'Deploy service');
}

/** Pressed with *Approve*. */
const yesNo = { env: { AWAIT_YES_NO: '*' } };

describe('an output that Runtype took, with its answer lost', () => {
  test('counts as answered, the next pause gets a card, and the held application receives the rest', () =>
    inWorld(async (world) => {
      addOutput(world);
      const response = callAgent(world);
      world.runtype.fail(RESUME, { kind: 'reset', when: 'after' });
      await press(world, 'Check backup');
      await card(world, 'Check backup', /Approved by|Answered by/);
      assert.equal(response.isOver(), false);
      await finishes(world);
      assert.match(await response.text, /run_migration[\s\S]*billing-api 4\.12\.0 is in production/);
      assert.equal(resumes(world), 1);
    }, yesNo));

  test('also where the bot restarts before it can read on', () =>
    inWorld(async (world) => {
      addOutput(world);
      const response = callAgent(world);
      world.runtype.fail(RESUME, { kind: 'reset', when: 'after' });
      world.runtype.fail(EVENTS, { kind: 'status', status: 503, when: 'before' }, 99);
      await press(world, 'Check backup');
      await card(world, 'Check backup', /not confirmed|Unconfirmed|unconfirmed/i);
      await world.stop();
      await response.text;
      world.runtype.heal(EVENTS);
      await world.start();
      await card(world, 'Check backup', /Approved by|Answered by/);
      await finishes(world);
      await card(world, '4.12.0 is in production');
      assert.equal(resumes(world), 1);
    }, yesNo));
});

describe('an output that did not arrive, with its answer lost', () => {
  for (const restart of [false, true]) {
    test(`is sent once more when it is asked for again${restart ? ', also after a restart' : ''}`, () =>
      inWorld(async (world) => {
        addOutput(world);
        const response = callAgent(world);
        world.runtype.fail(RESUME, { kind: 'reset', when: 'before' });
        if (restart) world.runtype.fail(EVENTS, { kind: 'status', status: 503, when: 'before' }, 99);
        await press(world, 'Check backup');
        await card(world, 'Check backup', /not confirmed|Unconfirmed|unconfirmed/i);
        if (restart) {
          await world.stop();
          world.runtype.heal(EVENTS);
        }
        await announceAgain(world);
        if (restart) await world.start();
        await card(world, 'Check backup', /Approved by|Answered by/);
        await finishes(world);
        if (!restart) assert.match(await response.text, /billing-api 4\.12\.0 is in production/);
        await card(world, '4.12.0 is in production');
        assert.equal(resumes(world), 3, 'the lost one, the announcing one, and one more');
      }, yesNo));
  }
});
