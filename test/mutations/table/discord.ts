/** Rows 28 to 32, and the traps of discord.js (10 to 16). */
import type { Remedies } from '../remedy.ts';

const discord = 'platforms/discord/index.ts';
const posting = 'platforms/discord/channels/messages.ts';
const answer = 'platforms/discord/inbound/interactions.ts';
const rest = 'platforms/discord/api/rest.ts';
const draw = 'engine/outbox/draw.ts';

export const discordRemedies = {
  'discord-late-answer': {
    about: 'an answer that Discord does not take any more undoes nothing, and throws nothing',
    rows: [28],
    traps: [10],
    edits: [
      {
        file: answer,
        find: `'Discord did not take the answer to a press');
        return false;`,
        put: `'Discord did not take the answer to a press');
        throw error;`,
      },
    ],
    test: 'platforms/discord/inbound/interactions',
    title: 'an answer that Discord does not take is logged without its token, and the press stands',
  },
  'discord-last-look': {
    about: 'what is not posted again is looked for in the room: no nonce will bring it back',
    rows: [7, 30],
    edits: [{ file: draw, find: 'const last = receipt === null && isUnneeded(task);', put: 'const last = false;' }],
    test: 'faults/platform/discord-posts',
    title: 'what nobody needs any more is not posted for its nonce: it is found and closed',
  },
  'discord-one-id': {
    about: 'an interaction that is delivered twice has one id',
    rows: [22, 28],
    traps: [10],
    edits: [
      {
        file: 'platforms/discord/inbound/interaction.ts',
        find: /id: `discord:\$\{interaction\.id\}`,/,
        put: "id: ['discord', interaction.id, Math.random()].join(':'),",
      },
    ],
    test: 'platforms/discord/inbound/interactions',
    title: 'a press delivered twice comes in twice with the same id',
  },
  'discord-answered-already': {
    about: 'a second try of an answer that was taken is no failure',
    traps: [10],
    edits: [{ file: answer, find: 'if (attempt > 1 && hasCode(error, codes.alreadyAnswered)) return true;', put: '' }],
    test: 'platforms/discord/inbound/interactions',
    title: 'an answer that was lost is given once more',
  },
  'discord-answer-again': {
    about: 'an answer that was lost is given once more',
    rows: [28],
    edits: [
      {
        file: answer,
        find: 'if (attempt === 1 && passing && clock.monotonic() < answerBy) continue;',
        put: 'void passing; void answerBy;',
      },
    ],
    test: 'platforms/discord/inbound/interactions',
    title: 'an answer that was lost is given once more',
  },
  'discord-token-stays': {
    about: 'one 401 does not cost the token: the library drops it for good',
    rows: [32],
    traps: [11],
    edits: [
      {
        file: rest,
        find: 'if (withToken) rest.setToken(token);',
        put: 'if (withToken && pausedUntil === Number.NEGATIVE_INFINITY) { rest.setToken(token); pausedUntil = -1; }',
      },
    ],
    test: 'platforms/discord/api/errors',
    title: 'one 401 costs nothing',
  },
  'discord-token-pause': {
    about: 'a token that is refused is not asked with again and again',
    rows: [32],
    traps: [11],
    edits: [{ file: rest, find: 'pausedUntil = clock.monotonic() + TOKEN_PAUSE_MS;', put: '' }],
    test: 'platforms/discord/api/errors',
    title: 'one 401 costs nothing',
  },
  'discord-health-asks': {
    about: 'health asks Discord, and does not believe the library’s word',
    rows: [32],
    traps: [11],
    edits: [{ file: discord, find: /await \(readChannel\?\.\(signal\) \?\? [^;]*;/, put: '' }],
    test: 'faults/process/alerts',
    title: 'row 32: a token that is refused turns readiness bad',
  },
  'discord-few-refusals': {
    about: 'a room that refuses is left alone',
    rows: [32],
    edits: [{ file: 'core/ports/errors.ts', find: `this.scope !== 'message';`, put: `this.scope === 'message';` }],
    test: 'faults/platform/discord-posts',
    title: 'stops calling, tells once, and goes on when it is mended',
  },
  'discord-no-retries': {
    about: 'only the outbox posts again: the library does after a time-out',
    rows: [30],
    traps: [12],
    edits: [{ file: discord, find: 'retries: 0,', put: 'retries: 3,' }],
    test: 'platforms/discord/api/errors',
    title: 'a lost answer is ambiguous, is never repeated by the library',
  },
  'discord-no-waiting-for-limits': {
    about: 'a rate limit is ours to wait for',
    rows: [19],
    traps: [12],
    edits: [{ file: discord, find: /rejectOnRateLimit: \(\{[^\n]*\n/, put: '' }],
    test: 'platforms/discord/api/errors',
    title: 'a rate limit is unsent, with the wait',
  },
  'discord-nonce': {
    about: 'Discord is asked to take one nonce once',
    rows: [30],
    traps: [12],
    edits: [{ file: posting, find: 'nonce, enforce_nonce: true }', put: 'nonce }' }],
    test: 'faults/platform/discord-posts',
    title: ': one message',
  },
  'discord-same-nonce': {
    about: 'every try of one message has the same nonce',
    rows: [30],
    edits: [
      {
        file: posting,
        find: 'clock.hash(key).slice(0, limits.nonce)',
        put: 'clock.hash(key + clock.id()).slice(0, limits.nonce)',
      },
    ],
    test: 'platforms/discord/index',
    title: 'a card is one request, and the same key posts it once',
  },
  'discord-reads-the-room': {
    about: 'beyond the nonce’s time the room is read',
    rows: [30],
    edits: [
      {
        file: 'platforms/discord/channels/find.ts',
        find: 'clock.now() - sought.since >= NONCE_MS',
        put: 'clock.now() < NONCE_MS',
      },
    ],
    test: 'faults/platform/discord-posts',
    title: 'and the nonce is forgotten by the next try: one message',
  },
  'discord-nonce-is-redrawn': {
    about: 'what the nonce brings back is brought up to date',
    rows: [30],
    edits: [{ file: draw, find: /await platform\.update\(receipt, card, signal\);(?=\s+return receipt;)/, put: '' }],
    test: 'faults/platform/discord-posts',
    title: 'row 30: what the nonce brings back is brought up to date',
  },
  'discord-result-by-words': {
    about: 'a message without a button is known by its words',
    rows: [30],
    edits: [
      {
        file: 'platforms/discord/channels/find.ts',
        find: 'return shown !== undefined && same(',
        put: 'return shown === undefined && same(',
      },
    ],
    test: 'faults/platform/discord-posts',
    title: 'row 30: a run’s result has no button, and is known by its words',
  },
  'discord-thread-gone': {
    about: 'a question whose thread was tidied away gets its card all the same',
    rows: [26],
    edits: [
      {
        file: posting,
        find: 'if (!isWithoutThread(error)) throw error;',
        put: 'if (error !== undefined) throw error;',
      },
    ],
    test: 'faults/platform/discord-posts',
    title: 'row 26: a question whose thread was tidied away',
  },
  'discord-session-goes-on': {
    about: 'a connection that breaks is opened again: ours is parked for a stop alone',
    rows: [28],
    traps: [13],
    edits: [
      {
        file: 'platforms/discord/api/gateway-guard.ts',
        find: 'let parked = false;',
        put: 'let parked = false; setTimeout(() => { parked = true; }, 300).unref();',
      },
    ],
    test: 'faults/platform/discord-gateway',
    title: 'row 28: close 1000',
  },
  'discord-parked': {
    about: 'a stop in the half second before a reconnect leaves no connection behind',
    traps: [13],
    edits: [{ file: discord, find: 'guard.park();', put: '' }],
    test: 'platforms/discord/index',
    title: 'stopping before a reconnect leaves no connection behind',
  },
  'discord-start-names-setting': {
    about: 'a start that can’t succeed names the setting that mends it',
    traps: [14],
    edits: [{ file: discord, find: 'throw toSetupError(thrown, apiUrl, close);', put: 'throw thrown;' }],
    test: 'platforms/discord/index',
    title: 'a start that can’t succeed names the setting that mends it',
  },
  'discord-closed-for-good': {
    about: 'a gateway that closes for good ends the start',
    traps: [14],
    edits: [
      {
        file: discord,
        find: 'await Promise.race([Promise.all([client.login(token), ready]), closed, late]);',
        put: 'closed.catch(() => {}); await Promise.race([Promise.all([client.login(token).catch(() => {}), ready]), late]);',
      },
    ],
    test: 'platforms/discord/index',
    title: 'a start that can’t succeed names the setting that mends it',
    hangs: true,
  },
  'discord-malformed-dispatch': {
    about: 'a dispatch that discord.js can’t read ends nothing',
    rows: [41],
    traps: [15],
    edits: [
      {
        file: 'platforms/discord/api/gateway-guard.ts',
        find: /onFault\(coerceError\(thrown\)\);\s+return true;/,
        put: 'throw thrown;',
      },
    ],
    test: 'platforms/discord/api/gateway-guard',
    title: 'a dispatch that discord.js can’t read ends nothing',
  },
  'discord-reads-dispatches': {
    about: 'a press is read from the dispatch as it came: without an intent the library knows no channel of it',
    traps: [16],
    edits: [
      {
        file: discord,
        find: 'if (stopping) return;',
        put: `const { channel_id: pressedIn } = dispatch as { channel_id: string };
        if (stopping || !client.channels.cache.has(pressedIn)) return;`,
      },
      { file: discord, find: 'intents: [GatewayIntentBits.Guilds]', put: 'intents: []' },
    ],
    test: 'platforms/discord/inbound/interactions',
    title: 'a press carries who pressed what',
  },
  'discord-intents': {
    about: 'the intents are Guilds and no other: one that is not granted closes the gateway',
    traps: [14, 16],
    edits: [
      {
        file: discord,
        find: 'intents: [GatewayIntentBits.Guilds]',
        put: 'intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMembers]',
      },
    ],
    test: 'platforms/discord/inbound/interactions',
    title: 'a press carries who pressed what',
  },
} as const satisfies Remedies;
