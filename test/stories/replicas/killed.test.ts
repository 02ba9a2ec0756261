/** Two processes on one PostgreSQL, one of which is killed or frozen while it holds a response. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { textOf } from '../../support/people/room.ts';
import { createDatabase, skipPostgres } from '../../support/postgres/index.ts';
import { type Bot, type BotWorld, withBots } from '../../support/worlds/bots.ts';

/** The response of an application that waits for the decision; null: it broke. */
function held({ runtype }: BotWorld, { port }: Bot): Promise<string | null> {
  return fetch(`http://127.0.0.1:${port}/v1/dispatch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${runtype.applicationKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      agent: { agentId: 'refund-agent' },
      messages: [{ role: 'user', content: 'Go.' }],
      streamResponse: true,
    }),
  }).then(
    (answer) => answer.text().catch(() => null),
    () => null,
  );
}

const roots = (world: BotWorld) => world.slackCards().filter(({ threadTs }) => threadTs === null);
const runsComplete = (world: BotWorld) => world.runtype.runs().filter(({ state }) => state === 'complete').length;
async function untilSays(bot: Bot, text: string): Promise<Record<string, unknown>> {
  await bot.until(new RegExp(`"msg":"${text}"`));
  return bot.log().find(({ msg }) => msg === text) ?? {};
}

async function withTwo(run: (world: BotWorld, one: Bot, two: Bot) => Promise<void>): Promise<void> {
  const database = await createDatabase();
  const envOf = (name: string) => ({ DATABASE_URL: database.connectionString, REPLICA: name, SLACK_CONNECTIONS: '1' });
  try {
    await withBots(
      async (world) => {
        const one = await world.start({ env: envOf('one') });
        const two = await world.start({ env: envOf('two') });
        await run(world, one, two);
      },
      { platforms: ['slack'] },
    );
  } finally {
    await database.drop();
  }
}

const ADOPTED = 'the work of another replica is taken over';

// Each waits until a replica counts as dead.
describe('a replica that holds a response', { skip: skipPostgres, concurrency: true }, () => {
  test('row 55: is killed: the other sends the decision, and says what it has taken over', () =>
    withTwo(async (world, one, two) => {
      const stream = held(world, one);
      const card = await world.until('the card', () => roots(world)[0]);
      one.kill('SIGKILL');
      assert.doesNotMatch((await stream) ?? '', /execution_complete/);
      assert.ok((await world.press(card)).acked);
      await world.until('the run to be complete', () => (runsComplete(world) === 1 ? true : undefined));
      await world.until('the card to say so', () => {
        const [now] = roots(world);
        return now !== undefined && /Approved by/.test(textOf(now)) ? true : undefined;
      });
      assert.equal(world.decisions().length, 1);
      assert.match(String((await untilSays(two, ADOPTED))['replica']), /^one\//);
      assert.ok(two.log().some(({ alert }) => alert === 'crashed'));
    }));

  test('row 55: is frozen: the other sends the decision, and the first works on once it is back', () =>
    withTwo(async (world, one, two) => {
      const stream = held(world, one);
      const card = await world.until('the card', () => roots(world)[0]);
      one.kill('SIGSTOP');
      // Slack may have sent the press to the one that does not answer: then it is pressed again.
      const press = async () => {
        if (!(await world.press(card)).acked) await press();
      };
      await press();
      await world.until('the run to be complete', () => (runsComplete(world) === 1 ? true : undefined));
      assert.match(String((await untilSays(two, ADOPTED))['replica']), /^one\//);
      one.kill('SIGCONT');
      assert.doesNotMatch((await stream) ?? '', /execution_complete/, 'it ends, and does not wait in vain');
      const again = held(world, one);
      const next = await world.until('its next card', () => roots(world).find(({ ts }) => ts !== card.ts));
      await press();
      assert.ok((await world.press(next)).acked);
      assert.match((await again) ?? '', /execution_complete/);
      assert.equal(world.decisions().length, 2);
    }));
});
