import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { callOf } from '../../../../src/backends/runtype/decide/call.ts';
import { RunFactsCache } from '../../../../src/backends/runtype/pause/run-facts.ts';
import { RunReader } from '../../../../src/backends/runtype/stream/reader/reader.ts';
import {
  CARDS_PER_CHAT_AND_MINUTE,
  CARDS_PER_MINUTE,
  VisitorApprovals,
} from '../../../../src/backends/runtype/website/visitor-approvals.ts';
import { createTestClock } from '../../../support/clock.ts';
import { captureLog } from '../../../support/log.ts';
import { decided } from '../support/backend.ts';

function bench(visitorTools: readonly string[] = []) {
  const clock = createTestClock();
  const { log } = captureLog();
  const chats = new VisitorApprovals(visitorTools, clock, log);
  const runFacts = new RunFactsCache();
  /** What the stream of a chat says, as deliveries. */
  const read = (
    events: readonly object[],
    { opener = 'visitor', website = true, site = 'https://shop.example' } = {},
  ) => {
    const reader = new RunReader({ runFacts, clock, log, via: 'stream', chats, opener, website, site });
    return { reader, deliveries: events.flatMap((event) => reader.event(event)) };
  };
  return { chats, clock, read };
}

const asks = (approvalId: string, more: object = {}) => {
  return { type: 'approval_start', executionId: `exec_${approvalId}`, approvalId, toolName: 'refund', ...more };
};

describe('an approval in a website chat', () => {
  test('is for people, and labelled', () => {
    const { read } = bench();
    const { deliveries, reader } = read([asks('a')]);
    assert.equal(deliveries[0]?.type, 'announced');
    assert.deepEqual(deliveries[0]?.type === 'announced' && deliveries[0].pause.labels, ['website']);
    assert.equal(reader.state, 'paused');
  });

  test('is left to the visitor where the operator says so, until Runtype refuses the visitor', () => {
    const { chats, read } = bench(['book_*']);
    const { deliveries, reader } = read([asks('a', { toolName: 'book_table' })]);
    assert.deepEqual(deliveries, []);
    assert.equal(reader.state, 'unanswerable', 'its response is not held');
    assert.ok(chats.mayBeVisitors('approval:a'));
    const kept = chats.leaveToBusiness('a');
    assert.equal(kept !== null && kept !== 'unknown' && kept.pause.tool, 'book_table');
    assert.equal(chats.leaveToBusiness('a'), null, 'it is announced once');
    assert.ok(!chats.mayBeVisitors('approval:a'), 'the visitor’s answer can’t count any more');
    const again = read([asks('a', { toolName: 'book_table' })]);
    assert.equal(again.deliveries[0]?.type, 'announced', 'a later stream announces it to people');
  });

  test('is the visitor’s where its announcement says so', () => {
    const { read } = bench();
    assert.deepEqual(read([asks('a', { approver: 'end-user' })]).deliveries, []);
    assert.equal(read([asks('b', { approver: 'owner' })]).deliveries.length, 1);
  });

  test('that was not seen since the start is unknown', () => {
    assert.equal(bench().chats.leaveToBusiness('a'), 'unknown');
  });

  test('counts among those of its website: one that is flooded fills the rooms of no other', () => {
    const { read } = bench();
    const sourceOf = (id: string, site: string) => {
      const [first] = read([asks(id)], { opener: `visitor of ${id}`, site }).deliveries;
      return first?.type === 'announced' ? first.source : first?.type;
    };
    const shop = sourceOf('a', 'https://shop.example');
    assert.deepEqual(shop, {
      id: 'runtype:website:https://shop.example',
      name: 'Website chats (https://shop.example)',
    });
    assert.deepEqual(sourceOf('b', 'https://shop.example'), shop);
    for (let count = 2; count < CARDS_PER_MINUTE; count += 1) sourceOf(`c${count}`, 'https://shop.example');
    assert.equal(sourceOf('d', 'https://shop.example'), 'unfollowed');
    assert.deepEqual(sourceOf('e', 'token …live'), {
      id: 'runtype:website:token …live',
      name: 'Website chats (token …live)',
    });
  });

  test('keeps its website for the continuation, also after a restart', () => {
    const { read } = bench();
    const [first] = read([asks('a')], { site: 'https://shop.example' }).deliveries;
    assert.ok(first?.type === 'announced');
    const { context } = callOf([decided(first.pause, 'approve')], false);
    assert.deepEqual([context.run?.facts.website, context.run?.facts.site], [true, 'https://shop.example']);
  });

  test('gets a card only so often: of one chat, and of all', () => {
    const { read, clock } = bench();
    const kinds = (prefix: string, count: number, opener: string) =>
      Array.from({ length: count }, (_, index) => read([asks(`${prefix}${index}`)], { opener }).deliveries[0]?.type);
    const one = kinds('one', CARDS_PER_CHAT_AND_MINUTE + 2, 'one');
    assert.deepEqual(one.slice(-3), ['announced', 'unfollowed', 'unfollowed']);
    assert.deepEqual(read([asks('one0')], { opener: 'one' }).deliveries[0]?.type, 'announced', 'it has its card');
    const chats = Array.from({ length: 10 }, (_, index) => kinds(`chat${index}_`, 8, `chat${index}`)).flat();
    const announced = [...one, ...chats].filter((type) => type === 'announced').length;
    assert.equal(announced, CARDS_PER_MINUTE);
    clock.advance(60_000);
    assert.deepEqual(kinds('later', 1, 'one'), ['announced']);
  });

  test('keeps nothing for ever, however many visitors answer', () => {
    const { chats, read } = bench(['*']);
    const long = 'x'.repeat(200_000);
    for (let index = 0; index < 60; index += 1) read([asks(`a${index}`, { parameters: { long } })]);
    assert.equal(chats.leaveToBusiness('a0'), 'unknown', 'the oldest is forgotten');
    const last = chats.leaveToBusiness('a59');
    assert.ok(last !== null && last !== 'unknown');
  });

  test('of another run is not affected', () => {
    const { read } = bench(['*']);
    assert.equal(read([asks('a')], { website: false }).deliveries[0]?.type, 'announced');
  });
});

test('no await of a website chat becomes a card: the page answers it', () => {
  const awaits = fc.record(
    {
      type: fc.constantFrom('await', 'flow_await', 'agent_await', 'step_await'),
      executionId: fc.constantFrom('exec_1', 'exec_2'),
      toolName: fc.constantFrom('pick_slot', 'ask_user_question', 'webmcp:add_to_cart'),
      toolCallId: fc.constantFrom('call_1', 'call_2'),
      origin: fc.constantFrom('sdk', 'webmcp'),
      elicitation: fc.constant({ message: 'Which one?', mode: 'form' }),
      externalAgent: fc.constant({ taskId: 'task_1' }),
      parameters: fc.dictionary(fc.string(), fc.string()),
    },
    { requiredKeys: ['type', 'toolName'] },
  );
  fc.assert(
    fc.property(fc.array(awaits, { maxLength: 5 }), (events) => {
      const { deliveries } = bench().read(events);
      assert.ok(deliveries.every(({ type }) => type !== 'announced'));
    }),
  );
});
