/** Rows 28 to 32, and the traps of discord.js (10 to 16). */
import type { Mutations } from '../mutation.ts';

const gateway = 'DiscordGateway';
const posting = 'createDiscordMessages';
const answer = 'createReplies';
const rest = 'createSendRequest';

export const discordMutations = {
  'discord-late-answer': {
    about: 'an answer that Discord does not take any more undoes nothing, and throws nothing',
    rows: [28],
    traps: [10],
    edits: [
      {
        in: answer,
        find: `'Discord did not accept the answer to a press');`,
        put: `'Discord did not accept the answer to a press');
        throw error;`,
      },
    ],
    test: 'platforms/discord/inbound/answer-interactions',
    title: 'an answer that Discord does not accept is logged without its token, and the press counts',
  },
  'discord-last-look': {
    about: 'what is not posted again is looked for in the room: no nonce will bring it back',
    rows: [7, 30],
    edits: [
      {
        in: 'reconcile',
        find: 'const last = receipt === null && isUnneeded(message, clock);',
        put: 'const last = false;',
      },
    ],
    test: 'faults/platform/discord-posts',
    title: 'a message that is no longer needed is not posted again for its nonce: it is found and closed',
  },
  'discord-one-id': {
    about: 'an interaction that is delivered twice has one id',
    rows: [22, 28],
    traps: [10],
    edits: [
      {
        in: 'parseInteraction',
        find: /id: `discord:\$\{interaction\.id\}`,/,
        put: "id: ['discord', interaction.id, Math.random()].join(':'),",
      },
    ],
    test: 'platforms/discord/inbound/answer-interactions',
    title: 'a press delivered twice arrives twice with the same id',
  },
  'discord-token-stays': {
    about: 'one 401 does not cost the token: the library drops it for good',
    rows: [32],
    traps: [11],
    edits: [
      {
        in: rest,
        find: 'if (withToken) rest.setToken(token);',
        put: 'if (withToken && pausedUntil === Number.NEGATIVE_INFINITY) { rest.setToken(token); pausedUntil = -1; }',
      },
    ],
    test: 'platforms/discord/api/errors',
    title: 'one 401 is retried',
  },
  'discord-token-pause': {
    about: 'a token that is refused is not asked with again and again',
    rows: [32],
    traps: [11],
    edits: [{ in: rest, find: 'pausedUntil = clock.monotonic() + TOKEN_PAUSE_MS;', put: '' }],
    test: 'platforms/discord/api/errors',
    title: 'one 401 is retried',
  },
  'discord-no-retries': {
    about: 'only the outbox posts again: the library does after a time-out',
    rows: [30],
    traps: [12],
    edits: [{ in: 'restOptions', find: 'retries: 0,', put: 'retries: 3,' }],
    test: 'platforms/discord/api/errors',
    title: 'a lost answer is ambiguous, is not retried by the library',
  },
  'discord-no-waiting-for-limits': {
    about: 'a rate limit is ours to wait for',
    rows: [19],
    traps: [12],
    edits: [{ in: 'restOptions', find: /rejectOnRateLimit: \(\{[^\n]*\n/, put: '' }],
    test: 'platforms/discord/api/errors',
    title: 'a rate limit is unsent with its wait',
  },
  'discord-nonce': {
    about: 'Discord is asked to take one nonce once',
    rows: [30],
    traps: [12],
    edits: [{ in: posting, find: 'nonce, enforce_nonce: true }', put: 'nonce }' }],
    test: 'faults/platform/discord-posts',
    title: ': one message',
  },
  'discord-session-goes-on': {
    about: 'a connection that breaks is opened again: ours is parked for a stop alone',
    rows: [28],
    traps: [13],
    edits: [
      {
        in: 'createGatewayGuard',
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
    edits: [{ in: gateway, find: 'this.#guard.park();', put: '' }],
    test: 'platforms/discord/index',
    title: 'a stop before a reconnect leaves no connection open',
  },
  'discord-start-names-setting': {
    about: 'a start that can’t succeed names the setting to fix',
    traps: [14],
    edits: [
      {
        in: gateway,
        find: 'throw toSetupError(thrown, this.#options.apiUrl, this.#closeCode);',
        put: 'throw thrown;',
      },
    ],
    test: 'platforms/discord/index',
    title: 'a start that can’t succeed names the setting to fix',
  },
  'discord-malformed-dispatch': {
    about: 'a dispatch that discord.js can’t read ends nothing',
    rows: [41],
    traps: [15],
    edits: [
      {
        in: 'createGatewayGuard',
        find: /onFault\(coerceError\(thrown\)\);\s+return true;/,
        put: 'throw thrown;',
      },
    ],
    test: 'platforms/discord/api/gateway-guard',
    title: 'a dispatch that discord.js can’t read does not end the process',
  },
  'discord-reads-dispatches': {
    about: 'a press is read from the dispatch as it came: without an intent the library knows no channel of it',
    traps: [16],
    edits: [
      {
        in: gateway,
        find: '(dispatch: unknown) => listener(dispatch)',
        put: `(dispatch: unknown) => {
          const { channel_id: pressedIn } = dispatch as { channel_id: string };
          if (this.#client.channels.cache.has(pressedIn)) listener(dispatch);
        }`,
      },
      { in: gateway, find: 'intents: [GatewayIntentBits.Guilds]', put: 'intents: []' },
    ],
    test: 'platforms/discord/inbound/answer-interactions',
    title: 'a press carries its person and button',
  },
  'discord-last-logins': {
    about: 'the last logins of a day stay unused: without any, Discord resets the token',
    rows: [62],
    edits: [{ in: 'createIdentifyPace', find: 'limit.remaining <= LOGINS_KEPT', put: 'limit.remaining < 0' }],
    test: 'platforms/discord/api/seat',
    title: 'the last fifty logins of a day are kept',
  },
  'discord-one-login-at-a-time': {
    about: 'the replicas log in one after the other, five seconds apart',
    rows: [62],
    edits: [{ in: 'createIdentifyPace', find: "(await fleet.hold('identify', EVERY_MS)) !== null", put: 'true' }],
    test: 'platforms/discord/api/seat',
    title: 'a second login waits five seconds',
  },
  'discord-signed': {
    about: 'what Discord did not sign is no press',
    rows: [45],
    edits: [
      {
        in: 'discordSigning',
        find: /return verify\(null, signed, key,[^\n]*/,
        put: 'return signed.length > 0 && key !== null && verify !== null;',
      },
    ],
    test: 'platforms/discord/endpoint/signature',
    title: 'nothing else is: another key',
  },
  'discord-intents': {
    about: 'the intents are Guilds and no other: one that is not granted closes the gateway',
    traps: [14, 16],
    edits: [
      {
        in: gateway,
        find: 'intents: [GatewayIntentBits.Guilds]',
        put: 'intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMembers]',
      },
    ],
    test: 'platforms/discord/inbound/answer-interactions',
    title: 'a press carries its person and button',
  },
} as const satisfies Mutations;
