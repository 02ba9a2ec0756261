/** The list of what waits: what is in it for whom, in which order, and that both platforms take it, whatever it holds. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Approval, ApprovalIn } from '../../../../src/core/approval/approval.ts';
import type { Right } from '../../../../src/core/approval/inputs.ts';
import type { Action, Pause } from '../../../../src/core/approval/pause/pause.ts';
import { reasonOf } from '../../../../src/core/approval/steps/transitions.ts';
import type { Shown } from '../../../../src/core/approval/subject.ts';
import { directPlace } from '../../../../src/core/policy/direct-messages.ts';
import type { Policy } from '../../../../src/core/policy/rules/policy.ts';
import { encodeButtonId, parseButtonId } from '../../../../src/core/view/button-id.ts';
import { encodeTurn, type ListQuery, mine, parseFilter, parseTurn } from '../../../../src/core/view/list-query.ts';
import type { PendingList } from '../../../../src/core/view/lists/pending-list.ts';
import { withNames } from '../../../../src/core/view/people.ts';
import { listMessage } from '../../../../src/platforms/discord/render/list.ts';
import { escapeMarkdown } from '../../../../src/platforms/discord/render/markdown.ts';
import { limits } from '../../../../src/platforms/slack/api/size-limits.ts';
import { renderHome, renderListMessage } from '../../../../src/platforms/slack/render/list.ts';
import { checkMessage } from '../../../../src/sandbox/emulators/discord/checks/message.ts';
import { checkBlocks } from '../../../../src/sandbox/emulators/slack/checks/blocks.ts';
import { checkView } from '../../../../src/sandbox/emulators/slack/checks/view.ts';
import { listOfAll } from '../../../support/data/lists.ts';
import { after, announced, dana, discordRoom, pauseOf, pressed, sam, slackRoom } from '../../../support/data/pauses.ts';
import { anyCodePoint, runs } from '../../../support/property.ts';

const ID = 'A'.repeat(20);
let made = 0;
const now = 60_000;

function waiting(pause: Partial<Pause> = {}, more: Partial<ApprovalIn<'open'>> = {}): ApprovalIn<'open'> {
  made += 1;
  const id = `${ID}${String(made).padStart(2, '0').slice(-2)}`;
  const state = after(announced({ id, pause: pauseOf({ key: `k${made}`, ...pause }) }));
  assert.ok(state.phase === 'open');
  return { ...state, ...more };
}

type Rights = (action: Action, approval: Shown) => Right;
const everything: Rights = () => 'allowed';
const nothing: Rights = () => 'denied';

function listOf(
  approvals: readonly Approval[],
  {
    query = mine('message'),
    size = 3,
    rights = everything,
    who = dana,
  }: { query?: ListQuery; size?: number; rights?: Rights; who?: typeof dana } = {},
): PendingList {
  const policy: Pick<Policy, 'right'> = { right: (action, _, approval) => rights(action, approval as Approval) };
  const look = { who: { actor: who, roles: [] }, query, size };
  return listOfAll(approvals, look, {
    policy,
    backendTitle: (name) => (name === 'runtype' ? 'Runtype' : name),
    now,
  });
}

const all: ListQuery = { ...mine('message'), filter: { type: 'all' } };
const word = (typed: string): ListQuery => ({ ...mine('message'), filter: { type: 'word', word: typed } });
const labels = ({ items }: PendingList) => items.map(({ buttons }) => buttons.map(({ label }) => label));

describe('what waits', () => {
  test('is what no one has decided: what runs out first comes first, then the oldest', () => {
    const old = waiting({ tool: 'old' }, { createdAt: 1 });
    const young = waiting({ tool: 'young' }, { createdAt: 5 });
    const late = waiting({ tool: 'late', deadline: 90_000 }, { createdAt: 9 });
    const soon = waiting({ tool: 'soon', deadline: 70_000 }, { createdAt: 10 });
    const decided = after(announced(), pressed());
    const list = listOf([young, decided, late, old, soon], { size: 10 });
    assert.deepEqual(
      list.items.map(({ title }) => title.replace(' A-1009 · amount 42.5', '')),
      ['Soon', 'Late', 'Old', 'Young'],
    );
    assert.equal(list.heading, '4 pending requests for you');
    assert.deepEqual(labels(list)[0], ['Approve', 'Reject', 'Take over', 'Details']);
  });

  test('links a card in a room, never one that stands in somebody’s direct messages', () => {
    const slot = (place: { platform: string; room: string }, message: string) => {
      const receipt = { platform: place.platform, room: 'D1', message };
      return { kind: 'card' as const, place, receipt, deletions: 0 };
    };
    const direct = { direct: slot(directPlace({ platform: 'slack', id: 'U1' }), '1.1') };
    assert.equal(listOf([waiting({}, { slots: direct })]).items[0]?.card, null);
    const inRoom = { ...direct, room: slot(slackRoom, '2.2') };
    assert.equal(listOf([waiting({}, { slots: inRoom })]).items[0]?.card?.message, '2.2');
  });

  test('carries the digest that its card carries, and the place that it stands in', () => {
    const one = waiting({}, { fingerprint: 'd9' });
    const [item] = listOf([one]).items;
    const aims = item?.buttons.map(({ id }) => parseButtonId(id));
    assert.deepEqual(aims?.[0], { approvalId: one.id, action: 'approve', fingerprint: 'd9', list: mine('message') });
  });

  test('of which I may decide nothing is not mine, and is told without what it asks for', () => {
    const secret = waiting({ kind: 'item', tool: 'Dismiss Jo Bell', description: 'Dismiss Jo Bell on Monday' });
    const question = waiting({ prompt: { title: 'ASKED-1', text: 'ASKED-2', form: null } });
    const tool = waiting({ parameters: { order: 'PARAM-1' }, reason: 'CLAIM-1', description: 'DESCRIPTION-1' });
    const empty = listOf([secret, tool, question], { rights: nothing });
    assert.equal(empty.heading, 'No pending requests for you');
    assert.deepEqual(empty.notes, ['3 more need someone else.']);
    const list = listOf([secret, tool, question], { rights: nothing, query: all });
    assert.deepEqual(labels(list), [[], [], []]);
    assert.doesNotMatch(JSON.stringify(list), /Jo Bell|PARAM-1|CLAIM-1|DESCRIPTION-1|ASKED/);
    assert.match(list.items[0]?.cautions[0] ?? '', /You can’t decide this\./);
    // Nor can a filter be used to guess at it.
    assert.equal(listOf([secret], { rights: nothing, query: word('bell') }).items.length, 0);
    assert.equal(listOf([secret], { query: word('bell') }).items.length, 1);
  });

  test('offers only what I may do', () => {
    const list = listOf([waiting()], { rights: (action) => (action === 'reject' ? 'allowed' : 'denied') });
    assert.deepEqual(labels(list), [['Reject', 'Details']]);
  });

  test('that could not be verified is neither mine nor somebody else’s, and the list says so', () => {
    const list = listOf([waiting()], { rights: () => 'unverified' });
    assert.equal(list.items.length, 0);
    assert.match(list.notes.join(), /Your permission to decide 1 request could not be checked/);
    assert.doesNotMatch(list.notes.join(), /somebody else/);
  });

  test('that is taken over is for its holder to finish, and for no one else to decide', () => {
    const one = waiting({}, { claim: { actor: sam, since: 1, until: now + 1 } });
    assert.deepEqual(labels(listOf([one])), [['Details']]);
    assert.match(
      JSON.stringify(withNames(listOf([one]).items[0]?.footer ?? [])),
      /claimed by Sam Okafor in Discord until/,
    );
    assert.deepEqual(labels(listOf([one], { who: sam })), [
      ['Mark as done', 'Approve', 'Reject', 'Release', 'Details'],
    ]);
    const over = { ...one, claim: { actor: sam, since: 1, until: now } };
    assert.deepEqual(labels(listOf([over])), [['Approve', 'Reject', 'Take over', 'Details']]);
  });

  test('that is too long to be read here is not decided here', () => {
    const long = waiting({ parameters: { note: `${'x'.repeat(450)} DROP ALL` } });
    const many = waiting({ parameters: Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`k${at}`, at])) });
    const list = listOf([long, many]);
    assert.deepEqual(labels(list), [['Details'], ['Details']]);
    for (const { cautions } of list.items) assert.match(cautions[0] ?? '', /Too long for the list: open the card\./);
    const masked = listOf([waiting({ parameters: { password: 'hunter2', to: 'x' } })]).items[0];
    assert.deepEqual(masked?.cautions, ['1 secret value is masked']);
    assert.doesNotMatch(JSON.stringify(masked), /hunter2/);
  });

  test('that asks something else than it first did says so, or is left to its card', () => {
    const changed = (to: string) => {
      const pause = pauseOf({ parameters: { amount: to } });
      return after(announced(), announced({ pause, fingerprint: 'd2' }));
    };
    const [brief] = listOf([changed('900')]).items;
    assert.match(brief?.cautions[0] ?? '', /^Changed since it was first shown: /);
    assert.equal(brief?.buttons.length, 4);
    const before = announced({ pause: pauseOf({ parameters: { amount: 'y'.repeat(300), b: 'z'.repeat(99) } }) });
    const [long] = listOf([after(before, announced({ fingerprint: 'd2' }))]).items;
    assert.match(long?.cautions[0] ?? '', /Too long for the list: open the card\./);
    assert.deepEqual(
      long?.buttons.map(({ label }) => label),
      ['Details'],
    );
  });

  test('is filtered by backend, tag, tool, and part of a tool’s name', () => {
    const refund = waiting({ tool: 'refund_order' });
    const payout = waiting({ tool: 'vendor_payout', backend: 'hookpulse' });
    const tagged = waiting({ tool: 'send', backend: 'inbox', parameters: { tags: 'billing, vip' } });
    const found = (typed: string) =>
      listOf([refund, payout, tagged], { query: word(typed), size: 9 }).items.map(({ approvalId }) => approvalId);
    assert.deepEqual(found('hookpulse'), [payout.id]);
    assert.deepEqual(found('vip'), [tagged.id]);
    assert.deepEqual(found('refund_*'), [refund.id]);
    assert.deepEqual(found('*_order'), [refund.id]);
    assert.deepEqual(found('o*t'), []);
    assert.deepEqual(found('*o*t'), [payout.id]);
    assert.deepEqual(found('payout'), [payout.id]);
    assert.match(
      listOf([refund], { query: word('nothing') }).notes[0] ?? '',
      /No pending request matches “nothing” \(backend, tag or tool\)\. Try mine or all\./,
    );
    assert.equal(listOf([], { query: all }).heading, 'No pending requests');
  });

  test('is filtered by who asks, and by what sort of thing it is, as far as one may see that', () => {
    const agent = waiting({ tool: 'send', asker: 'Order desk › Mail agent', labels: ['mcp'] });
    const item = waiting({
      tool: 'Message to Mara',
      kind: 'item',
      asker: 'Vendor payout',
      parameters: { channel: 'sms' },
    });
    const found = (typed: string, rights = everything) =>
      listOf([agent, item], { query: word(typed), size: 9, rights }).items.map(({ approvalId }) => approvalId);
    assert.deepEqual(found('mail'), [agent.id]);
    assert.deepEqual(found('mcp'), [agent.id]);
    assert.deepEqual(found('vendor*'), [item.id]);
    assert.deepEqual(found('sms'), [item.id]);
    assert.deepEqual(found('mail', nothing), [agent.id], 'everybody is shown who asks');
    assert.deepEqual([...found('sms', nothing), ...found('mcp', nothing)], []);
  });

  test('has pages: complete, without a repeat, and the last one instead of one that is gone', () => {
    const approvals = fc.array(
      fc.record({ deadline: fc.option(fc.integer({ min: 0, max: 3 })), createdAt: fc.integer({ min: 0, max: 3 }) }),
      { maxLength: 14 },
    );
    fc.assert(
      fc.property(approvals, fc.integer({ min: 1, max: 5 }), fc.infiniteStream(fc.nat()), (given, size, random) => {
        const open = given.map(({ deadline, createdAt }) => waiting({ deadline }, { createdAt }));
        const pages = Math.max(1, Math.ceil(open.length / size));
        const shuffled = open
          .map((one) => ({ one, at: random.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ one }) => one);
        const ids = Array.from({ length: pages }, (_, page) => {
          // Whatever order it comes in.
          const list = listOf(page % 2 === 0 ? open : shuffled, { query: { ...mine('message'), page }, size });
          assert.equal(list.pages, pages === 1 ? null : `Page ${page + 1} of ${pages}`);
          assert.deepEqual(
            list.items.map(({ number }) => number),
            list.items.map((_item, index) => page * size + index + 1),
          );
          return list.items.map(({ approvalId }) => approvalId);
        }).flat();
        assert.equal(new Set(ids).size, open.length);
        assert.equal(ids.length, open.length);
        const beyond = listOf(open, { query: { ...mine('message'), page: 999 }, size });
        assert.equal(beyond.query.page, pages - 1);
      }),
      { numRuns: runs(60) },
    );
  });
});

test('a place reads back from a button, which fits Discord', () => {
  const queries = fc
    .record({
      surface: fc.constantFrom('message' as const, 'home' as const),
      page: fc.integer({ min: 0, max: 46_655 }),
      filter: fc.oneof(
        fc.constantFrom({ type: 'mine' as const }, { type: 'all' as const }),
        fc
          .stringMatching(/^[a-zé0-9_.:*-]{1,32}$/)
          .filter((typed) => typed !== 'mine' && typed !== 'all' && typed.normalize('NFC').length <= 32)
          .map((typed) => ({ type: 'word' as const, word: typed.normalize('NFC') })),
      ),
    })
    .map((query): ListQuery => ({ ...query, filter: { ...query.filter } }));
  fc.assert(
    fc.property(
      queries,
      fc.stringMatching(/^[A-Za-z0-9_-]{22}$/),
      fc.stringMatching(/^[A-Za-z0-9_-]{10}$/),
      (query, approvalId, fingerprint) => {
        const buttonId = { approvalId, action: 'take_over' as const, fingerprint, list: query };
        assert.deepEqual(parseButtonId(encodeButtonId(buttonId)), buttonId);
        assert.deepEqual(parseTurn(encodeTurn(query)), query);
        assert.ok(encodeButtonId(buttonId).length <= 100);
        assert.equal(parseButtonId(encodeTurn(query)), null);
        assert.equal(parseTurn(encodeButtonId(buttonId)), null);
      },
    ),
    { numRuns: runs(200) },
  );
  for (const typed of ['two words', 'x'.repeat(33), '<@U1>', 'a~b', '`']) assert.equal(parseFilter(typed), null, typed);
  for (const text of [
    'csl.m0.',
    'csl.x0.mine',
    'csl.m0.a b',
    'cs2.a.a.b~',
    'cs2.a.a.b~m0',
    'cs2.a.a.b~m0.mine~m0.mine',
  ])
    assert.equal(parseTurn(text) ?? parseButtonId(text), null, text);
});

test('where Discord’s room is short, notes give way, and neither what is asked for nor a caution does', () => {
  const changed = after(
    announced({ pause: pauseOf({ parameters: { '*': '_'.repeat(40), what: '`'.repeat(2) } }) }),
    announced({ pause: pauseOf({ parameters: { '*': 'x', what: '~'.repeat(380) } }), fingerprint: 'd2' }),
  );
  const list = listOf([changed, { ...changed, id: 'ap2' }, { ...changed, id: 'ap3' }]);
  const [item] = list.items;
  assert.equal(item?.buttons[0]?.action, 'approve');
  assert.ok((item?.cautions.join().length ?? 0) > 80);
  const message = listMessage({ ...list, notice: '*'.repeat(400), notes: ['*'.repeat(900), 'y'.repeat(900)] }, '1');
  assert.deepEqual(checkMessage(message, Number(message['flags'])), []);
  const texts = JSON.stringify(message);
  for (const part of [item?.what ?? '', escapeMarkdown(item?.cautions.join('; ') ?? '')])
    assert.ok(texts.includes(JSON.stringify(part).slice(1, -1)), part);
});

const nasty = fc.oneof(
  fc.string({ unit: anyCodePoint, maxLength: 700 }),
  fc.constantFrom(
    '<!channel> <@U0DANA> <#C1>',
    '@everyone <@&1> <@9001> <#4100>',
    '```\n[x](https://evil.example)',
    '*'.repeat(600),
  ),
  fc.string({ unit: 'grapheme', minLength: 200, maxLength: 900 }),
);
const nastyPause = fc.record({
  tool: nasty,
  kind: fc.constantFrom('approval' as const, 'await' as const, 'item' as const),
  asker: fc.option(nasty),
  description: fc.option(nasty),
  parameters: fc.dictionary(fc.string({ maxLength: 60 }), fc.oneof(nasty, fc.jsonValue()), { maxKeys: 6 }),
  deadline: fc.option(fc.integer()),
});

test('both platforms take any list, nothing in it pings, and what may be decided is there in whole', () => {
  const planted = 'ghp_abcdefghij0123456789ABCD';
  fc.assert(
    fc.property(fc.array(nastyPause, { maxLength: 10 }), fc.boolean(), fc.option(nasty), (given, may, notice) => {
      const approvals = given.map((pause) => {
        const slots = {
          a: {
            kind: 'card' as const,
            deletions: 0,
            place: slackRoom,
            receipt: { platform: 'slack', room: 'C0ROOM', message: '1700000000.000100' },
          },
          b: {
            kind: 'card' as const,
            deletions: 0,
            place: discordRoom,
            receipt: { platform: 'discord', room: '4100', message: '9'.repeat(19) },
          },
        };
        return waiting(
          { ...pause, parameters: { ...pause.parameters, planted } },
          { slots, unreachable: reasonOf(notice) },
        );
      });
      const rights = may ? everything : nothing;
      for (const [size, who] of [
        [3, dana],
        [3, sam],
        [10, dana],
      ] as const) {
        const list = { ...listOf(approvals, { query: all, size, rights, who }), notice };
        assert.doesNotMatch(JSON.stringify(list.items), new RegExp(planted));
        const { blocks } = renderListMessage(list, 'https://team.slack.com/');
        if (size === 10) assert.deepEqual(checkView(renderHome(list, 'https://team.slack.com/'), 'home'), []);
        else {
          assert.deepEqual(checkBlocks(blocks), []);
          assert.ok(JSON.stringify(blocks).length <= limits.messageJson, String(JSON.stringify(blocks).length));
        }
        // Slack reads mark-up in these only, and they contain only our own dates and links.
        for (const [, marked = ''] of JSON.stringify(blocks).matchAll(/"type":"mrkdwn","text":"((?:[^"\\]|\\.)*)"/g))
          assert.match(
            marked,
            /^<(?:!date\^\d+\^[^|<>]*\|[^<>]*|https:\/\/team\.slack\.com\/[^|<>]*\|Open the card)>$/,
          );
        if (size === 10) continue;
        const message = listMessage(list, '1');
        assert.deepEqual(checkMessage(message, Number(message['flags'])), []);
        assert.deepEqual(message['allowed_mentions'], { parse: [] });
        for (const { what, buttons } of list.items) {
          if (what === null || !buttons.some(({ action }) => action === 'approve')) continue;
          assert.ok(
            JSON.stringify(message).includes(
              JSON.stringify(what.includes('```') ? what.replaceAll('`', 'ˋ') : what).slice(1, -1),
            ),
          );
        }
      }
    }),
    { numRuns: runs(40) },
  );
});
