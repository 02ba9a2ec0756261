/** What is shown and read beside the cards: lists of what waits, slash commands, alerts. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseAlertPlaces } from '../../../src/config/alert-places.ts';
import { type Alert, placeName, renderAlert } from '../../../src/core/view/cards/alert-card.ts';
import { parseAsk } from '../../../src/core/view/command.ts';
import { parseFilter, parseListQuery, parseTurn } from '../../../src/core/view/list-query.ts';
import { badFilterText } from '../../../src/core/view/lists/pending-list.ts';
import { startedText, unknownRunText } from '../../../src/core/view/run-replies.ts';
import { parseListRequest } from '../../../src/platforms/discord/inbound/list-command.ts';
import {
  commandDefinition,
  isRegistered,
  matching,
  parseRunCommand,
} from '../../../src/platforms/discord/inbound/run-command.ts';
import { listMessage, listUpdate } from '../../../src/platforms/discord/render/list.ts';
import { renderMessage as onDiscord } from '../../../src/platforms/discord/render/message.ts';
import { privateReply } from '../../../src/platforms/discord/render/reply.ts';
import { parseCommand } from '../../../src/platforms/slack/inbound/commands.ts';
import { Organisation } from '../../../src/platforms/slack/inbound/organisation.ts';
import { renderHome, renderListMessage } from '../../../src/platforms/slack/render/list.ts';
import { renderMessage as onSlack } from '../../../src/platforms/slack/render/message.ts';
import { loadBodyChecks } from '../../../src/sandbox/emulators/discord/checks/body.ts';
import { checkBlocks } from '../../../src/sandbox/emulators/slack/checks/blocks.ts';
import { checkView } from '../../../src/sandbox/emulators/slack/checks/view.ts';
import { LIMITS } from '../../../src/sandbox/emulators/slack/web-api/limits.ts';
import { listOfAll } from '../../support/data/lists.ts';
import { asApproval, dana } from '../../support/data/pauses.ts';
import { ids } from '../../support/ids.ts';
import { runs } from '../../support/property.ts';
import { anyJson, oddText, spoiled } from '../arbitrary.ts';
import { anyState } from './states.ts';
import { hasHidden, pings, pingsIn, slackTexts } from './visible.ts';

const checks = await loadBodyChecks();
const SECRET = 'sk_live_4eC39HqLyjWDarjtT1zdp7dc';

/** Every text of a message of parts. */
function contentsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = 'content' in value && typeof value.content === 'string' ? [value.content] : [];
  return [...own, ...Object.values(value).flatMap(contentsOf)];
}

describe('a list of what waits', () => {
  const states = fc.array(anyState, { maxLength: 6 }).map((all) =>
    all.map((state, index) =>
      asApproval({
        ...state,
        id: `ap${index}`,
        phase: 'open' as const,
        createdAt: 1_788_256_800_000 + index,
        pause: { ...state.pause, parameters: { ...state.pause.parameters, note: SECRET } },
      }),
    ),
  );
  const query = fc.record({
    surface: fc.constantFrom('message' as const, 'home' as const),
    page: fc.nat(9),
    filter: fc.constantFrom(
      { type: 'mine' as const },
      { type: 'all' as const },
      { type: 'word' as const, word: 'refund' },
    ),
  });

  test('of any texts is one that both platforms take, and hides nothing but secrets', () => {
    fc.assert(
      fc.property(states, query, fc.option(oddText(200)), fc.boolean(), (waiting, at, notice, allowed) => {
        const look = { who: { actor: dana, roles: [] }, query: at, size: 3, notice: notice === null ? null : 'Done.' };
        const right = () => (allowed ? ('allowed' as const) : ('denied' as const));
        const about = { policy: { right }, backendTitle: () => 'Runtype', now: 1_788_256_900_000 };
        const list = listOfAll(waiting, look, about);
        const { text, blocks } = renderListMessage(list, 'https://acme.slack.com/');
        assert.deepEqual(checkBlocks(blocks), []);
        assert.ok(JSON.stringify(blocks).length <= LIMITS.messageBlocksJson);
        assert.deepEqual(checkView(renderHome(list, null), 'home'), []);
        checks.reply(listMessage(list, '1'));
        const contents = contentsOf(listUpdate(list, null));
        for (const shown of [...slackTexts({ text, blocks }), ...contents]) {
          assert.ok(!hasHidden(shown), JSON.stringify(shown));
          assert.ok(!shown.replaceAll('\\', '').includes(SECRET));
        }
        for (const shown of contents) assert.ok(!pings(shown), shown);
      }),
      { numRuns: runs(80) },
    );
  });

  test('is turned and filtered by its own buttons and words only', () => {
    fc.assert(
      fc.property(oddText(80), (typed) => {
        parseListQuery(typed);
        parseTurn(typed);
        parseTurn(`csl.m0.${typed}`);
        if (parseFilter(typed) === null) assert.ok(!hasHidden(badFilterText(typed)));
      }),
      { numRuns: runs(300) },
    );
  });
});

describe('a slash command', () => {
  const slack = fc.record({
    command: fc.constantFrom('/countersign', '/approvals'),
    text: oddText(200),
    user_id: oddText(12),
    team_id: fc.constantFrom('T1', 'T2'),
    channel_id: oddText(12),
    trigger_id: oddText(12),
    user_name: oddText(20),
  });
  const option = fc.record({
    name: fc.constantFrom('run', 'name', 'text', 'filter'),
    type: fc.constantFrom(1, 3),
    value: oddText(60),
    focused: fc.boolean(),
  });
  const discord = fc.record({
    id: fc.constantFrom('1', 'x'),
    token: oddText(10),
    type: fc.constantFrom(2, 4),
    guild_id: fc.constantFrom('1', '2'),
    channel_id: fc.constantFrom('5', 'y'),
    member: fc.record({
      roles: fc.constant([]),
      user: fc.record({ id: fc.constantFrom('9', 'z'), username: oddText(20) }),
    }),
    data: fc.record({
      id: fc.constant('3'),
      name: fc.constantFrom('countersign', 'approvals'),
      options: fc.array(option, { maxLength: 3 }),
    }),
  });

  const ours = new Organisation({ teamId: 'T1', enterpriseId: null }, async () => {});
  test('of any shape is read or is none of ours, and its answer pings nobody', () => {
    const body = fc.oneof(spoiled(slack), spoiled(discord), anyJson, fc.anything());
    fc.assert(
      fc.property(body, oddText(60), fc.array(oddText(30), { maxLength: 30 }), (given, typed, names) => {
        const read = parseCommand(given, ours);
        const { team_id: team } = (given ?? {}) as { team_id?: unknown };
        if (typeof team === 'string' && team !== 'T1') assert.notEqual(read.type, 'command');
        parseRunCommand(given, '1');
        parseListRequest(given, '1');
        isRegistered(given, commandDefinition(['refunds']));
        matching(names, typed);
        const ask = parseAsk(typed);
        const words =
          ask.verb === 'run'
            ? unknownRunText(ask.name, ['refunds'])
            : startedText('refunds', { inThisRoom: true, rooms: 1, elsewhere: [] });
        const told = privateReply(words)['data'] as Record<string, unknown>;
        checks.reply(told);
        assert.ok(!pings(String(told['content'])));
      }),
      { numRuns: runs(200) },
    );
  });
});

describe('an alert', () => {
  test('of any words is a card that both rooms take', () => {
    const alert = fc.record({
      title: oddText(200),
      text: oddText(1_500),
      kind: fc.constant('dead_letter'),
      key: oddText(20),
      subject: oddText(40),
      what: oddText(400),
      advice: oddText(400),
      words: oddText(400),
    });
    fc.assert(
      fc.property(alert, oddText(40), fc.nat(5), (given, places, more) => {
        const card = renderAlert(given as never as Alert, 1_788_256_800_000, more, 'warning');
        const { text, blocks } = onSlack(card);
        assert.deepEqual(checkBlocks(blocks), []);
        assert.deepEqual(pingsIn({ text, blocks }), []);
        checks.newMessage({ ...onDiscord(card), nonce: 'n', enforce_nonce: true });
        placeName({ platform: places, room: null });
        try {
          parseAlertPlaces(places, ids);
        } catch (thrown) {
          assert.ok(thrown instanceof Error && thrown.message !== '');
        }
      }),
      { numRuns: runs(100) },
    );
  });
});
