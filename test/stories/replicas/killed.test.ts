/** Two processes on one PostgreSQL, one of which is killed or frozen while it holds a response. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { textOf } from '../../support/people/room.ts';
import { createDatabase, type Database, skipPostgres } from '../../support/postgres/index.ts';
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
const ALERTS_ROOM = 'C0000000002';
const roots = (world: BotWorld) =>
  world.slackCards().filter(({ threadTs, channel }) => threadTs === null && channel !== ALERTS_ROOM);
const runsComplete = (world: BotWorld) => world.runtype.runs().filter(({ state }) => state === 'complete').length;
async function untilSays(bot: Bot, text: string): Promise<Record<string, unknown>> {
  await bot.until(new RegExp(`"msg":"${text}"`));
  return bot.log().find(({ msg }) => msg === text) ?? {};
}

type Run = (world: BotWorld, one: Bot, two: Bot, database: Database) => Promise<void>;

async function withTwo(run: Run): Promise<void> {
  const database = await createDatabase();
  const env = { DATABASE_URL: database.connectionString, SLACK_CONNECTIONS: '1', ALERTS: `slack:${ALERTS_ROOM}` };
  const envOf = (name: string) => ({ ...env, REPLICA: name });
  try {
    await withBots(
      async (world) => {
        const one = await world.start({ env: envOf('one') });
        const two = await world.start({ env: envOf('two') });
        await run(world, one, two, database);
      },
      { platforms: ['slack'] },
    );
  } finally {
    await database.drop();
  }
}

interface HeldDuty {
  name: string;
  holder: string;
  epoch: number;
}

const dutiesOf = (database: Database, name: string) =>
  database.query<HeldDuty>('SELECT name, holder, epoch::integer FROM duties WHERE starts_with(holder, $1)', [
    `${name}/`,
  ]);
const crashesTold = ({ slack }: BotWorld) =>
  slack
    .state()
    .messages.filter((message) => message.channel === ALERTS_ROOM && /did not shut down/.test(textOf(message)));

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

  test('rows 55, 61: is frozen: the other sends the decision and has its duties, and the first works on once it is back', () =>
    withTwo(async (world, one, two, database) => {
      const stream = held(world, one);
      const card = await world.until('the card', () => roots(world)[0]);
      const had = await dutiesOf(database, 'one');
      assert.ok(had.length > 0, 'it has duties');
      one.kill('SIGSTOP');
      // Slack may have sent the press to the one that does not answer: then it is pressed again.
      const press = async () => {
        if (!(await world.press(card)).acked) await press();
      };
      await press();
      await world.until('the run to be complete', () => (runsComplete(world) === 1 ? true : undefined));
      assert.match(String((await untilSays(two, ADOPTED))['replica']), /^one\//);
      let taken: HeldDuty[] = [];
      while (taken.length === 0) {
        await new Promise((resolve) => setTimeout(resolve, 200));
        taken = (await dutiesOf(database, 'two')).filter(({ name }) => had.some((duty) => duty.name === name));
      }
      const before = new Map(had.map(({ name, epoch }) => [name, epoch]));
      for (const { name, epoch } of taken) assert.equal(epoch, (before.get(name) ?? 0) + 1, `${name} is two's now`);
      await world.until('the alert', () => crashesTold(world)[0]);
      one.kill('SIGCONT');
      assert.doesNotMatch(await stream, /execution_complete/, 'it ends, and does not wait in vain');
      const again = held(world, one);
      const next = await world.until('its next card', () => roots(world).find(({ ts }) => ts !== card.ts));
      await press();
      assert.ok((await world.press(next)).acked);
      assert.match(await again, /execution_complete/);
      assert.equal(world.decisions().length, 2);
      assert.equal(crashesTold(world).length, 1, 'and nothing is told twice');
      const now = await dutiesOf(database, 'two');
      for (const { name, epoch } of taken)
        assert.equal(now.find((duty) => duty.name === name)?.epoch, epoch, `${name} is still two's`);
    }));
});
