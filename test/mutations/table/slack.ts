/** Rows 18, 20 and 22 on Slack, and the traps of its libraries (1 to 9). */
import { crashMutations } from '../../crash/checker/mutations.ts';
import type { Mutations } from '../mutation.ts';

const slack = 'createSlack';
const replies = 'Replies';
const draw = 'createDrawJob';
const receiver = 'SocketReceiver';
const connection = 'SocketConnection';

export const slackMutations = {
  'slack-own-organisation': {
    about: 'a person of another workspace is ours only where their own organisation is known to be',
    rows: [24],
    edits: [{ in: 'Organisation', find: 'return isOwn ? ', put: 'return isOwn !== null ? ' }],
    test: 'stories/deciding/grid',
    title: 'of another organisation is refused: the payload shows the host',
  },
  'slack-as-typed': {
    about: 'the text of a command is passed on as it was typed',
    traps: [17],
    edits: [{ in: 'typedText', find: 'if (isAsTyped) return sent;', put: 'if (sent !== null) return sent;' }],
    test: 'stories/deciding/typed',
    title: 'after /countersign run in Slack',
  },
  'slack-asks-who-it-is': {
    about: 'a start asks Slack whether the bot’s token is good',
    traps: [1],
    edits: [
      {
        in: slack,
        find: /const self = await client\.auth\.test\(\)\.catch\([\s\S]*?\}\);/,
        put: `const self = { team_id: 'T0', bot_id: 'B0', user_id: 'U0', url: '', response_metadata: { scopes: [] as string[] } };`,
      },
    ],
    test: 'platforms/slack/index',
    title: 'a start that can’t succeed names the setting a wrong bot token',
  },
  'slack-no-retries-at-start': {
    about: 'a start that can’t reach Slack says so at once: the library tries on for half an hour',
    traps: [2],
    edits: [{ in: slack, find: 'retryConfig: { retries: 0 }', put: 'retryConfig: { retries: 100, factor: 1.3 }' }],
    test: 'platforms/slack/index',
    title: 'a start that can’t succeed names the setting an address without a server',
    hangs: true,
  },
  'slack-no-retries-of-calls': {
    about: 'one call of ours is one request, whatever Socket Mode writes into the shared options',
    traps: [3],
    edits: [
      {
        in: slack,
        find: 'retryConfig: { retries: 0 }',
        put: 'retryConfig: { retries: 100, factor: 1.3, minTimeout: 10, maxTimeout: 20 }',
      },
    ],
    test: 'platforms/slack/library-traps',
    title: 'a form that fails to open is one request',
  },
  'slack-no-retries-of-connections': {
    about: 'a try to connect is one request: Socket Mode has a hundred of its own',
    traps: [3],
    edits: [
      {
        in: slack,
        find: '{ logger: _, ...clientOptions }: WebClientOptions,',
        put: '{ logger: _, retryConfig: __, ...clientOptions }: WebClientOptions,',
      },
    ],
    test: 'platforms/slack/library-traps',
    title: 'each attempt to connect is one request',
  },
  'slack-no-retries-of-posts': {
    about: 'only the outbox posts again: the library does when an answer is lost',
    rows: [18, 42],
    traps: [4],
    edits: crashMutations['library-retries'].edits,
    test: 'platforms/slack/api/errors',
    title: 'is one of four kinds, after exactly one request',
  },
  'slack-no-waiting-for-limits': {
    about: 'a 429 is ours to wait for: the library waits and sends again by itself',
    rows: [19],
    traps: [4],
    edits: [{ in: slack, find: 'rejectRateLimitedCalls: true', put: 'rejectRateLimitedCalls: false' }],
    test: 'platforms/slack/api/errors',
    title: 'with 429 has the wait',
  },
  'slack-edits-by-press': {
    about: 'where the calls for edits are used up, a pressed card is edited by its press',
    rows: [19],
    edits: [{ in: 'EditWindow', find: "if (!isFree) return { by: 'press' };", put: '' }],
    test: 'engine/outbox/rooms/edit-window',
    title: 'a card that can be edited by its press takes a quarter',
  },
  'slack-edit-in-doubt': {
    about:
      'after an edit whose answer was lost, a call shows the newest state: an address of a press is not tried again',
    rows: [19],
    edits: [
      {
        in: 'SlackPressEdits',
        find: 'address.usesLeft = 0;\n      throw error;',
        put: 'return;',
      },
    ],
    test: 'platforms/slack/api/press-edits',
    title: 'no answer is ambiguous',
  },
  'slack-press-in-vain': {
    about: 'an edit by a press that had no effect is made by a call, once one is allowed',
    rows: [19],
    edits: [
      {
        in: 'edit',
        find: "if (!(error instanceof PlatformError) || error.kind !== 'unsent') throw error;",
        put: 'return card;',
      },
    ],
    test: 'faults/platform/slack-edits',
    title: 'row 19: where the address of a press is expired or used up',
  },
  'edits-in-turn': {
    about: 'an edit that waits is not overtaken by one that asks later',
    rows: [19],
    edits: [{ in: 'EditWindow', find: 'this.#ahead(job, kind, now)', put: '0' }],
    test: 'engine/outbox/rooms/edit-window',
    title: 'jobs that wait come one after the other',
  },
  'slack-looks-first': {
    about: 'a post whose answer was lost is looked for before it is repeated',
    rows: [18],
    edits: [
      {
        in: draw,
        find: 'if (mayHaveArrivedSince !== null) {',
        put: 'if (mayHaveArrivedSince === Number.NaN) {',
      },
    ],
    test: 'faults/platform/slack-posts',
    title: ': one card',
  },
  'slack-crash-leaves-doubt': {
    about: 'a post that a crash cut off is known to have begun',
    rows: [9, 18],
    edits: [
      {
        in: 'lockJob',
        find: 'begun_at = COALESCE(begun_at, @now)\n  WHERE id = @id',
        put: 'begun_at = NULL + @now\n  WHERE id = @id',
      },
    ],
    test: 'faults/platform/slack-posts',
    title: 'row 18: a crash between the post and its receipt',
  },
  'slack-overlaps': {
    about: 'the next connection is opened as soon as Slack says goodbye to the old one',
    rows: [20],
    traps: [5],
    edits: [
      { in: connection, find: /this\.#leave\(\);(?=\s+await this\.#within\(REPLACEMENT_MS)/, put: '' },
      { in: connection, find: /await this\.#within\(REPLACEMENT_MS[^;]*;/, put: '' },
    ],
    test: 'platforms/slack/connection/socket-receiver',
    title: 'a routine refresh loses no press and no acknowledgement',
  },
  'slack-drains': {
    about: 'a connection that closes waits for the acknowledgements that it owes',
    rows: [20],
    traps: [5],
    edits: [{ in: connection, find: /await this\.drain\(\);(?=\s+\})/, put: '' }],
    test: 'platforms/slack/connection/socket-receiver',
    title: 'a routine refresh loses no press and no acknowledgement',
  },
  'slack-acks-everything': {
    about: 'what none of our listeners took is acknowledged',
    rows: [24],
    traps: [6],
    edits: [{ in: receiver, find: /await ack\(\);(?=\s+\} catch)/, put: '' }],
    test: 'platforms/slack/inbound/answer-presses',
    title: 'of an unknown action is acknowledged',
  },
  'slack-press-has-one-id': {
    about: 'a click that is delivered twice has one id',
    rows: [22],
    traps: [7],
    edits: [
      {
        in: 'parseClick',
        find: `id: ['slack', organisation.teamId, data.user.id, action.action_ts, action.action_id].join(':'),`,
        put: `id: ['slack', organisation.teamId, data.user.id, action.action_ts, Math.random()].join(':'),`,
      },
    ],
    test: 'platforms/slack/inbound/answer-presses',
    title: 'delivered twice keeps its id',
  },
  'slack-no-playback': {
    about: 'a replayed signed request has no effect',
    rows: [22],
    traps: [7],
    edits: [
      {
        in: 'SignedWebhook',
        find: 'if (known !== undefined) {',
        put: 'if (known !== undefined && now < 0) {',
      },
    ],
    test: 'stories/runs/slack-http',
    title: 'a replayed request gets the first one’s answer',
  },
  'slack-signed': {
    about: 'only what Slack has signed counts',
    rows: [24],
    edits: [
      {
        in: 'slackSigning',
        find: 'return given.length === expected.length && timingSafeEqual(given, expected);',
        put: 'return given.length === expected.length || timingSafeEqual(given, given);',
      },
    ],
    test: 'stories/runs/slack-http',
    title: 'no request without Slack’s signature',
  },
  'slack-dead-socket': {
    about: 'an acknowledgement that can’t be sent undoes nothing, and throws nothing',
    traps: [8],
    edits: [
      {
        in: replies,
        find: /this\.#options\.log\.warn\(\{ err: error \}, `a \$\{what\} could not be acknowledged`\);\s+return false;/,
        put: 'throw error;',
      },
      {
        in: receiver,
        find: /log\.warn\(\{ err: error, type: String\(type\) \}, 'a Slack event could not be handled'\);/,
        put: 'void type; throw error;',
      },
    ],
    test: 'platforms/slack/connection/socket-receiver',
    title: 'reconnects after it was lost, with a press whose acknowledgement was lost',
  },
  'slack-private-answer-may-fail': {
    about: 'a private answer that does not get through takes no press with it',
    traps: [9],
    edits: [
      {
        in: replies,
        find: "log.warn(fields, 'a private answer was not delivered');",
        put: 'throw second;',
      },
    ],
    test: 'platforms/slack/library-traps',
    title: 'an expired response_url does not affect the press',
  },
} as const satisfies Mutations;
