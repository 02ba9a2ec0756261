/** A visitor chats on a website; what the business must decide is decided in chat, and the visitor sees how it goes on. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Script, WebsiteOptions } from '../../../src/sandbox/emulators/runtype/types.ts';
import { pressSlack, textOf } from '../../support/people/room.ts';
import { dana, inWorld, type World } from '../../support/worlds/world.ts';

const ORIGIN = 'https://shop.example';
const TOKEN = 'ct_test_countersign_sandbox';

const pickup: Script = {
  name: 'pickup',
  kind: 'agent',
  title: 'Pick-up desk',
  steps: [
    { do: 'approval', toolName: 'place_order', parameters: { cups: 2 }, approver: 'end-user' },
    { do: 'complete', finalOutput: 'Ordered.' },
  ],
};

const guide: Script = {
  name: 'guide',
  kind: 'agent',
  title: 'Shop guide',
  steps: [
    {
      do: 'awaits',
      calls: [
        { toolName: 'show_cart', parameters: {} },
        { toolName: 'pick_colour', parameters: {}, origin: 'webmcp' },
      ],
    },
    { do: 'complete', finalOutput: 'Shown.' },
  ],
};

interface Answer {
  status: number;
  text: string;
  readableBy: string | null;
}

/** A page of the website, in the browser of one visitor. */
function page(world: World, { origin = ORIGIN, token = TOKEN } = {}) {
  let sessionId = '';
  const post = async (name: string, body: object): Promise<Answer> => {
    const answer = await fetch(`http://127.0.0.1:${world.app().port}/v1/client/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin },
      body: JSON.stringify(body),
    });
    const readableBy = answer.headers.get('access-control-allow-origin');
    return { status: answer.status, text: await answer.text(), readableBy };
  };
  return {
    async begin(flowId = 'refund-agent') {
      const { status, text } = await post('init', { token, flowId });
      assert.equal(status, 200, text);
      sessionId = JSON.parse(text).sessionId;
    },
    chat: (more: object = {}) => post('chat', { sessionId, messages: [{ role: 'user', content: 'Hi' }], ...more }),
    answer: (decision: 'approved' | 'denied', run = world.runtype.runs().at(-1)) => {
      const approvalId = run?.pending[0]?.approvalId;
      return post('approve', { sessionId, executionId: run?.executionId, approvalId, decision, streamResponse: true });
    },
    resume: (toolOutputs: object, run = world.runtype.runs().at(-1)) =>
      post('resume', { sessionId, executionId: run?.executionId, toolOutputs }),
  };
}

function inShop(run: (world: World) => Promise<void>, env: Record<string, string> = {}, website: WebsiteOptions = {}) {
  const settings = { WEBSITE_CHATS: TOKEN, DIGEST_FROM: 'off', ...env };
  const runtype = { website: { origins: [ORIGIN], ...website } };
  return inWorld(
    async (world) => {
      for (const script of [pickup, guide]) world.runtype.scripts.set(script.name, structuredClone(script));
      await run(world);
    },
    { env: settings, runtype, platforms: ['slack'] },
  );
}

const calls = ({ runtype }: World, path: string) =>
  runtype.journal.entries.flatMap((entry) => (entry.kind === 'call' && entry.path === path ? [entry] : []));

const cardSays = (world: World, text: RegExp) =>
  world.until(`a card that says ${text}`, () =>
    world.slack.state().messages.find((message) => text.test(textOf(message))),
  );

describe('an approval in a website’s chat', () => {
  test('is decided in Slack with our key, and the chat goes on', () =>
    inShop(async (world) => {
      const visitor = page(world);
      await visitor.begin();
      const chat = visitor.chat({ capabilities: { endUserApproval: true } });
      const card = await world.slackCard();
      assert.match(textOf(card), /in a website visitor’s chat: the visitor is unknown/);
      await pressSlack(world, dana, card, 'Approve');
      const { text, readableBy } = await chat;
      assert.match(text, /approval_complete[\s\S]*execution_complete/);
      assert.equal(readableBy, ORIGIN, 'the page can read it');
      const [approve] = calls(world, '/v1/dispatch/approve');
      assert.equal(approve?.authorization, `Bearer ${world.runtype.apiKey}`);
      await cardSays(world, /Approved by Dana/);
    }));

  test('is not the visitor’s: Runtype’s refusal reaches the page, and the card stays', () =>
    inShop(async (world) => {
      const visitor = page(world);
      await visitor.begin();
      const chat = visitor.chat();
      await world.slackCard();
      for (let times = 0; times < 2; times += 1) {
        const refused = await visitor.answer('approved');
        assert.deepEqual([refused.status, refused.readableBy], [403, ORIGIN]);
        assert.match(refused.text, /APPROVAL_APPROVER_NOT_END_USER/);
      }
      const card = await cardSays(world, /Needs a decision/);
      await pressSlack(world, dana, card, 'Approve');
      assert.match((await chat).text, /execution_complete/);
      assert.equal(calls(world, '/v1/client/approve').length, 2);
    }));

  test('that a press won answers the visitor without a name', () =>
    inShop(async (world) => {
      let release = () => {};
      const until = new Promise<void>((resolve) => {
        release = resolve;
      });
      world.runtype.fail('/v1/dispatch/approve', { kind: 'held', until });
      const visitor = page(world);
      await visitor.begin();
      const chat = visitor.chat();
      await pressSlack(world, dana, await world.slackCard(), 'Approve');
      await cardSays(world, /Dana Reyes pressed Approve/);
      const second = await visitor.answer('denied');
      release();
      assert.deepEqual([second.status, second.readableBy], [409, ORIGIN]);
      assert.match(second.text, /APPROVAL_ALREADY_RESOLVED/);
      assert.doesNotMatch(second.text, /Dana|Slack/);
      assert.equal(calls(world, '/v1/client/approve').length, 0, 'it was not forwarded');
      assert.match((await chat).text, /execution_complete/);
    }));

  test('that the visitor may give settles the card', () =>
    inShop(async (world) => {
      const visitor = page(world);
      await visitor.begin('pickup');
      const chat = visitor.chat();
      await world.slackCard();
      assert.match((await visitor.answer('approved')).text, /Ordered/);
      await cardSays(world, /Approved by the website visitor\./);
      assert.doesNotMatch((await chat).text, /execution_complete/, 'the page reads the rest from its own call');
    }));

  test('of a tool that is the visitor’s gets no card', () =>
    inShop(
      async (world) => {
        const visitor = page(world);
        await visitor.begin('pickup');
        assert.match((await visitor.chat()).text, /approval_start/, 'its response is not held');
        assert.match((await visitor.answer('approved')).text, /Ordered/);
        assert.equal(world.slack.state().messages.length, 0);
      },
      { WEBSITE_VISITOR_TOOLS: 'place_*' },
    ));

  test('of a tool that is not the visitor’s after all gets its card once Runtype says so', () =>
    inShop(
      async (world) => {
        const visitor = page(world);
        await visitor.begin();
        assert.match((await visitor.chat()).text, /approval_start/);
        assert.equal(world.slack.state().messages.length, 0);
        assert.equal((await visitor.answer('approved')).status, 403);
        await pressSlack(world, dana, await world.slackCard(), 'Approve');
        await cardSays(world, /Approved by Dana/);
      },
      { WEBSITE_VISITOR_TOOLS: '*' },
    ));

  test('ends the response at the pause where nothing is held', () =>
    inShop(
      async (world) => {
        const visitor = page(world);
        await visitor.begin();
        assert.doesNotMatch((await visitor.chat()).text, /execution_complete/);
        await pressSlack(world, dana, await world.slackCard(), 'Approve');
        await cardSays(world, /Approved by Dana/);
      },
      { HOLD: 'off' },
    ));
});

describe('a website’s chat', () => {
  test('that is not named passes unread', () =>
    inShop(
      async (world) => {
        const visitor = page(world);
        await visitor.begin();
        assert.match((await visitor.chat()).text, /approval_start/);
        assert.equal((await visitor.answer('approved')).status, 403);
        assert.equal(world.slack.state().messages.length, 0);
      },
      { WEBSITE_CHATS: 'ct_live_another, https://another.example' },
    ));

  test('is off without the setting, whoever may use the gateway', () =>
    inShop(
      async (world) => {
        const visitor = page(world);
        await visitor.begin();
        assert.match((await visitor.chat()).text, /approval_start/);
        assert.equal(world.slack.state().messages.length, 0);
      },
      { WEBSITE_CHATS: '' },
    ));

  test('is known by the origin of its page, also after a restart', () =>
    inShop(
      async (world) => {
        const visitor = page(world);
        await visitor.begin();
        await world.stop();
        await world.start();
        const chat = visitor.chat();
        await pressSlack(world, dana, await world.slackCard(), 'Approve');
        assert.match((await chat).text, /execution_complete/);
      },
      { WEBSITE_CHATS: ORIGIN },
    ));

  test('leaves the page’s own tools to the page', () =>
    inShop(async (world) => {
      const visitor = page(world);
      await visitor.begin('guide');
      // The widget sends its tools once, and then only their fingerprint.
      for (const clientTools of [{ clientTools: [{ name: 'show_cart' }] }, {}]) {
        const { text } = await visitor.chat({ clientToolsFingerprint: 'f1', ...clientTools });
        assert.match(text, /"await"/, 'its response is not held');
        assert.match((await visitor.resume({ show_cart: 'ok', pick_colour: 'red' })).text, /Shown/);
      }
      assert.equal(world.slack.state().messages.length, 0);
    }));

  test('that Runtype does not start is reported once, with what to change', () =>
    inShop(
      async (world) => {
        const visitor = page(world);
        await visitor.begin();
        for (let times = 0; times < 2; times += 1) {
          const { status, readableBy } = await visitor.chat({ capabilities: { endUserApproval: true } });
          assert.deepEqual([status, readableBy], [501, ORIGIN]);
        }
        const note = await cardSays(world, /could not start/);
        assert.match(textOf(note), /approver: end-user/);
        assert.equal(world.slack.state().messages.length, 1);
      },
      {},
      { ownerGates: 'refused' },
    ));
});
