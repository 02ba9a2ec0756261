/** Two processes on one PostgreSQL, one of which is killed or frozen while it holds a response. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { textOf } from '../../support/people/room.ts';
import { createDatabase, skipPostgres } from '../../support/postgres/index.ts';
import { type Bot, type BotWorld, withBots } from '../../support/worlds/bots.ts';

const AGENT = 'refund-agent';
const CONVERSATION = 'conv_1';

/** What an application has received of a response, until it ended or broke. */
function received(answer: Promise<Response>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  const read = async () => {
    for await (const part of (await answer).body ?? []) text += decoder.decode(part, { stream: true });
  };
  return read().then(
    () => text,
    () => text,
  );
}

/** The response of an application that waits for the decision. */
function held({ runtype }: BotWorld, { port }: Bot, of: object = {}): Promise<string> {
  const answer = fetch(`http://127.0.0.1:${port}/v1/dispatch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${runtype.applicationKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      agent: { agentId: AGENT },
      messages: [{ role: 'user', content: 'Go.' }],
      streamResponse: true,
      ...of,
    }),
  });
  return received(answer);
}

const typesOf = (stream: string) => [...stream.matchAll(/"type":"(\w+)"/g)].map(([, type]) => type);

/** What came after what it had, as an application asks for it that lost its connection: at another replica. */
function rest({ runtype }: BotWorld, { port }: Bot, had: string): Promise<string> {
  const execution = /"executionId":"([^"]+)"/.exec(had)?.[1];
  const after = [...had.matchAll(/^id: (\d+)$/gm)].at(-1)?.[1] ?? '0';
  const path = `/v1/agents/${AGENT}/executions/${execution}/events?conversationId=${CONVERSATION}&after=${after}`;
  return received(
    fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: `Bearer ${runtype.applicationKey}` } }),
  );
}

const RUNS = 8;
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
  test('row 55: is killed with eight of them: the other sends all decisions, and applications that ask again get the rest', () =>
    withTwo(async (world, one, two) => {
      const streams = Array.from({ length: RUNS }, () => held(world, one, { conversationId: CONVERSATION }));
      const cards = await world.until(`${RUNS} cards`, () => {
        const all = roots(world);
        return all.length === RUNS ? all : undefined;
      });
      one.kill('SIGKILL');
      const had = await Promise.all(streams);
      for (const stream of had) assert.ok(!typesOf(stream).includes('execution_complete'));
      for (const card of cards) {
        // Slack may not have noticed yet that one connection is gone: then the person reads that it failed.
        while (!(await world.press(card)).acked);
      }
      await world.until('the runs to be complete', () => (runsComplete(world) === RUNS ? true : undefined));
      const rests = await Promise.all(had.map((stream) => rest(world, two, stream)));
      for (const [index, stream] of rests.entries()) {
        assert.match(stream, /Refunded/);
        const all = [...typesOf(had[index] ?? ''), ...typesOf(stream)];
        // Runtype begins what comes after a decision with a start of its own.
        for (const type of ['approval_start', 'approval_complete', 'execution_complete'])
          assert.equal(all.filter((one) => one === type).length, 1, `${type} in ${all.join(' ')}`);
      }
      assert.equal(world.decisions().length, RUNS, 'each was sent once');
    }));

  test('row 55: is killed: the other sends the decision, and says what it has taken over', () =>
    withTwo(async (world, one, two) => {
      const stream = held(world, one);
      const card = await world.until('the card', () => roots(world)[0]);
      one.kill('SIGKILL');
      assert.doesNotMatch(await stream, /execution_complete/);
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
      assert.doesNotMatch(await stream, /execution_complete/, 'it ends, and does not wait in vain');
      const again = held(world, one);
      const next = await world.until('its next card', () => roots(world).find(({ ts }) => ts !== card.ts));
      await press();
      assert.ok((await world.press(next)).acked);
      assert.match(await again, /execution_complete/);
      assert.equal(world.decisions().length, 2);
    }));
});
