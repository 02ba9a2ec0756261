/** What a backend says otherwise than its contract: every pause is a card or a note in the room, and no card stays wrong. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { pressSlack, slackButtons, textOf } from '../../support/people/room.ts';
import { dana, inWorld, type World } from '../../support/worlds/world.ts';

/** Resolves once a message in Slack says this. */
const said = (world: World, pattern: RegExp) =>
  world.until(`a message that says ${pattern}`, () =>
    world.slack.state().messages.find((message) => message.onlyFor === null && pattern.test(textOf(message))),
  );

async function ingest(world: World, body: string): Promise<{ status: number; body: string }> {
  const at = new Date();
  const answer = await fetch(`http://127.0.0.1:${world.app().port}/ingest/runtype`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-ndjson',
      'webhook-id': `msg_${at.getTime()}`,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(world.ingestSecret).sign(`msg_${at.getTime()}`, at, body),
    },
    body,
  });
  return { status: answer.status, body: await answer.text() };
}

const metrics = async (world: World) => (await fetch(`http://127.0.0.1:${world.app().port}/metrics`)).text();
const labels = (message: Parameters<typeof slackButtons>[0]) => slackButtons(message).map(({ label }) => label);
const asked = { type: 'approval_start', executionId: 'exec_i', toolName: 'refund_order', parameters: { amount: 1 } };
const lines = (...events: (object | string)[]) =>
  events.map((event) => (typeof event === 'string' ? event : JSON.stringify(event))).join('\n');

describe('a pause that says too little', () => {
  const cases: [string, object, RegExp][] = [
    ['no approval id', { missing: ['approvalId'] }, /Runtype did not say which approval this is/],
    ['no run', { missing: ['executionId'], values: { type: 7 } }, /Refund order|did not say/],
    ['no tool', { values: { toolName: { a: 1 } } }, /Runtype did not say which tool this is about/],
  ];
  for (const [name, distort, why] of cases) {
    test(`${name}: a card that says why, and where to answer`, () =>
      inWorld(
        async (world) => {
          // Its response is not held: people can't answer from here.
          if (name !== 'no run') {
            await world.dispatch('refund-agent');
            const card = await said(world, why);
            assert.match(textOf(card), /Answer this in Runtype; Countersign can’t/);
            assert.deepEqual(labels(card), ['Details']);
            return;
          }
          // The run is known from its first event, and the pause by the name of its frame.
          void world.dispatch('refund-agent').catch(() => '');
          assert.ok(labels(await said(world, why)).includes('Approve'));
        },
        { runtype: { distort } },
      ));
  }

  test('what can’t be read is a note in the room, and counted', () =>
    inWorld(async (world) => {
      const script = world.runtype.scripts.get('refund-agent');
      assert.ok(script);
      const broken = { do: 'raw', text: 'event: approval_start\ndata: {"type":"approval_start","appro\n\n' } as const;
      world.runtype.scripts.set('refund-agent', { ...script, steps: [broken] });
      await world.dispatch('refund-agent');
      const note = await said(world, /Check in Runtype whether a run waits/);
      assert.deepEqual(labels(note), []);
      assert.match(
        await metrics(world),
        /countersign_runs_unfollowed_total\{backend="runtype",reason="unreadable"\} 1/,
      );
    }));
});

describe('a clock that is wrong', () => {
  for (const clock of [
    { at: 1_000, format: 'iso' },
    { at: Date.UTC(2099, 0), format: 'microseconds' },
    { offMs: -5 * 3_600_000, format: 'no_zone' },
    { offMs: 0, format: 'nanoseconds' },
  ] as const) {
    test(`${JSON.stringify(clock)}: the card is posted, was asked now, and can be decided`, () =>
      inWorld(
        async (world) => {
          const response = world.dispatch('refund-agent');
          const card = await world.slackCard();
          const dates = [...JSON.stringify(card.blocks).matchAll(/<!date\^(\d+)/g)].map(([, at]) => Number(at));
          assert.ok(dates.length > 0);
          for (const at of dates) assert.ok(Math.abs(at - Date.now() / 1_000) < 3_600, `${at}`);
          await pressSlack(world, dana, card, 'Approve');
          await said(world, /Approved by/);
          await response;
        },
        { runtype: { distort: { clock } } },
      ));
  }
});

describe('a delivery', () => {
  test('with an unknown verdict closes its card in the backend’s words, beside a new pause and a broken line', () =>
    inWorld(async (world) => {
      await ingest(world, lines({ ...asked, approvalId: 'appr_1' }));
      await said(world, /Needs a decision/);
      const complete = {
        type: 'approval_complete',
        executionId: 'exec_i',
        approvalId: 'appr_1',
        decision: 'cancelled',
      };
      const next = { ...asked, approvalId: 'appr_2', toolName: 'send_invoice' };
      const answer = await ingest(world, lines(complete, '{broken', next));
      assert.deepEqual([answer.status, JSON.parse(answer.body).skipped], [202, 1], answer.body);
      assert.match(textOf(await said(world, /Decided elsewhere/)), /Runtype says: “cancelled”/);
      await said(world, /Send invoice/);
    }));

  test('in which the call of a pause is over closes its card; that of another call does not', () =>
    inWorld(async (world) => {
      const gated = { ...asked, approvalId: 'appr_1', toolCallId: 'toolu_1' };
      const awaiting = { type: 'await', executionId: 'exec_i', toolName: 'pick_slot', toolCallId: 'toolu_2' };
      await ingest(world, lines(gated, awaiting));
      await said(world, /Pick slot/);
      const over = (toolCallId: string) => ({
        type: 'tool_complete',
        executionId: 'exec_i',
        toolCallId,
        success: true,
      });
      await world.stop();
      await world.start();
      await ingest(world, lines(over('toolu_3'), over('toolu_1')));
      assert.match(textOf(await said(world, /Decided elsewhere/)), /Runtype says that this call is over/);
      const open = world.slack
        .state()
        .messages.filter((message) => labels(message).includes('Answer') || labels(message).includes('Take over'));
      assert.equal(open.length, 1, 'the other still waits');
    }));
});
