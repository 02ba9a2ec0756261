/** The suite that every platform runs, against its own emulator. */
import assert from 'node:assert/strict';
import type { Receipt } from '../../src/core/approval/parts/slot.ts';
import { startServer } from '../../src/http/server.ts';
import { createDiscord } from '../../src/platforms/discord/index.ts';
import { createDiscordEmulator } from '../../src/sandbox/emulators/discord/index.ts';
import type { DiscordFault, DiscordMessage } from '../../src/sandbox/emulators/discord/types.ts';
import type { SlackFault, SlackMessage } from '../../src/sandbox/emulators/slack/types.ts';
import { systemClock } from '../../src/system/clock.ts';
import { dana, startSlack } from '../platforms/slack/support.ts';
import { emptyList } from '../support/data/lists.ts';
import { captureLog } from '../support/log.ts';
import { type Fault, type PlatformHarness, type PlatformUnderTest, platformContract } from './platform.ts';

type Json = Record<string, unknown>;
type Seen = Pick<PlatformUnderTest, 'received' | 'answers'>;

/** What the handlers of a test record and answer. */
function createHandlers() {
  const received: Seen['received'] = { presses: [], notShown: [], closed: [], commands: [], lists: [], homes: [] };
  const answers: Seen['answers'] = {
    onPress: async () => ({ type: 'accepted' }),
    onCommand: async () => ({ text: 'Received.', rooms: [] }),
    onList: async () => emptyList,
  };
  const handlers: Parameters<PlatformUnderTest['platform']['start']>[0] = {
    onPress: (press) => {
      received.presses.push(press);
      return answers.onPress(press);
    },
    onFormNotShown: async (press) => {
      received.notShown.push(press);
    },
    onFormClosed: async (closed) => {
      received.closed.push(closed);
    },
    onForeignPress: async () => {},
    onCommand: (command) => {
      received.commands.push(command);
      return answers.onCommand(command);
    },
    onList: (request) => {
      received.lists.push(request);
      return answers.onList(request);
    },
    onHome: async (request) => {
      received.homes.push(request);
    },
  };
  return { received, answers, handlers };
}

async function until<T>(what: string, probe: () => T | undefined): Promise<T> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; ) {
    const found = probe();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`waited 10 s for ${what}`);
}

/** All objects in a JSON value. */
function objectsIn(value: unknown): Json[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn);
  if (typeof value !== 'object' || value === null) return [];
  return [value as Json, ...Object.values(value).flatMap(objectsIn)];
}

/** The texts that a person reads in a message or a form. */
function readableIn(value: unknown, keys: readonly string[]): string {
  return objectsIn(value)
    .flatMap((object) => keys.map((key) => object[key]).filter((text) => typeof text === 'string'))
    .join('\n');
}

function slackFault(fault: Fault): SlackFault {
  if (fault.kind === 'refused') return { kind: 'error', error: 'invalid_blocks' };
  if (fault.kind !== 'rate_limited') return fault;
  return { kind: 'rate_limited', retryAfterSeconds: fault.retryAfterMs / 1_000 };
}

const slackMethods = { post: 'chat.postMessage', update: 'chat.update', form: 'views.open' } as const;

function slackHarness(overHttp: boolean): PlatformHarness {
  return {
    deduplicates: false,
    reportsClosing: true,
    checksRoom: false,
    group: { id: 'S0000000001', members: ['U0000000001', 'U0000000002'] },
    tokenSetting: /SLACK_BOT_TOKEN/,
    async start({ timeoutMs } = {}): Promise<PlatformUnderTest> {
      const rig = await startSlack({ overHttp, ...(timeoutMs === undefined ? {} : { callMs: timeoutMs }) });
      const { emulator, slack } = rig;
      const { received, answers, handlers } = createHandlers();
      rig.handlers = handlers;
      const buttonsOf = ({ blocks }: SlackMessage) => objectsIn(blocks).filter(({ type }) => type === 'button');
      const readable = (value: unknown) => readableIn(value, ['text', 'initial_value']);
      const views = () => emulator.state().views;
      const press = async ({ room, message }: Receipt, value: string, deliveries = 1) => {
        const button = buttonsOf(rig.message({ platform: 'slack', room, message })).find(
          (one) => one['value'] === value,
        );
        const actionId = String(button?.['action_id'] ?? 'countersign.approve');
        const { acked } = await emulator.press({
          userId: dana,
          channel: room,
          ts: message,
          actionId,
          value,
          deliveries,
        });
        return acked;
      };
      return {
        platform: slack,
        place: { platform: 'slack', room: emulator.channel },
        person: { actor: { platform: 'slack', id: dana, name: 'dana' }, roles: [] },
        received,
        answers,
        room: () =>
          emulator
            .state()
            .messages.filter(({ onlyFor }) => onlyFor === null)
            .map((message) => ({
              receipt: { platform: 'slack', room: message.channel, message: message.ts },
              text: readable(message.blocks),
              buttonIds: buttonsOf(message).map(({ value }) => String(value)),
              root: message.threadTs,
            })),
        privateText: () =>
          [
            ...rig.asides().map(({ blocks }) => readable(blocks)),
            ...views().map(({ view, errors }) => [readable(view), ...Object.values(errors)].join('\n')),
          ].join('\n'),
        acknowledged: () => emulator.journal.entries.filter(({ kind }) => kind === 'ack').length,
        press,
        async pressFromElsewhere({ room, message }) {
          const foreign = { userId: 'U0STRANGER', teamId: 'T0FOREIGN' };
          const { acked } = await emulator.press({
            ...foreign,
            channel: room,
            ts: message,
            actionId: 'countersign.approve',
          });
          return acked;
        },
        async pressPrivately(label) {
          const labelled = (button: Json) => readable(button['text']) === label;
          const view = views().at(-1);
          const inView = objectsIn(view?.view).find((one) => one['type'] === 'button' && labelled(one));
          if (view !== undefined && inView !== undefined) {
            return (await emulator.pressInView(dana, view.id, String(inView['action_id']))).acked;
          }
          const message = rig.asides().findLast((aside) => buttonsOf(aside).some(labelled)) ?? assert.fail(label);
          const button = buttonsOf(message).find(labelled) ?? assert.fail(label);
          const { channel, ts } = message;
          return (await emulator.press({ userId: dana, channel, ts, actionId: String(button['action_id']) })).acked;
        },
        formIsOpen: () => views().some(({ view }) => 'submit' in view),
        closeForm: () => emulator.closeView(dana, views().at(-1)?.id ?? assert.fail('no form is open')),
        async submit(values) {
          const view = views().at(-1) ?? assert.fail('no form is open');
          const typed = Object.entries(values).map(([key, value]) => [key, { [key]: value }]);
          return (await emulator.submitView(dana, view.id, Object.fromEntries(typed))).acked;
        },
        type: async (command, text) => (await emulator.command(dana, command, text)).acked,
        home: {
          open: () => emulator.openHome(dana),
          text: () => readable(emulator.state().homes.find(({ userId }) => userId === dana)?.view),
        },
        fail: (call, fault) => emulator.fail(slackMethods[call], slackFault(fault)),
        posts: () => rig.calls('chat.postMessage').length,
        deleteMessage: ({ room, message }) => emulator.deleteMessage(room, message),
        closeRoom: () => emulator.removeBot(emulator.channel),
        revokeToken: () => emulator.revokeToken(),
        goDown: () => emulator.goDown(),
        forgetKeys: () => {},
        until,
        logged: () => ({
          text: rig.log.text(),
          secrets: [emulator.botToken, emulator.appToken, emulator.signingSecret],
        }),
        [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose](),
      };
    },
  };
}

function discordFault(fault: Fault): DiscordFault {
  return fault.kind === 'refused' ? { kind: 'status', status: 400, code: 50_035, when: 'before' } : fault;
}

const discordRoutes = {
  post: 'POST /channels/:id/messages',
  update: 'PATCH /channels/:id/messages/:id',
  form: 'POST /interactions/:id/:token/callback',
} as const;

const discordHarness = (overHttp: boolean): PlatformHarness => ({
  deduplicates: true,
  reportsClosing: false,
  checksRoom: true,
  tokenSetting: /DISCORD_TOKEN/,
  async start({ timeoutMs } = {}): Promise<PlatformUnderTest> {
    const emulator = await createDiscordEmulator();
    const publicKey = overHttp ? emulator.publicKey : null;
    const { url: apiUrl, token, channel } = emulator;
    const { log, text: logText } = captureLog();
    const limit = timeoutMs === undefined ? {} : { timeoutMs };
    const runs = ['desk'];
    const about = { token, publicKey, channel, apiUrl, clock: systemClock, log, runs };
    const platform = createDiscord({ ...about, ...limit });
    const { received, answers, handlers } = createHandlers();
    await platform.start(handlers);
    const server = overHttp
      ? await startServer({ host: '127.0.0.1', port: 0, mounts: platform.http ?? [], log })
      : null;
    if (server !== null) await emulator.setInteractionsEndpoint(`http://127.0.0.1:${server.port}/discord/interactions`);
    const [user = assert.fail('the emulator has no person')] = emulator.state().users;
    const userId = user.id;
    const buttonsIn = (value: unknown) => objectsIn(value).filter(({ type }) => type === 2);
    const readable = (value: unknown) =>
      readableIn(value, ['content', 'title', 'description', 'label', 'value', 'text']).replace(
        /\\([^0-9A-Za-z\s])/g,
        '$1',
      );
    const shown = ({ content, embeds, components }: DiscordMessage) => readable({ content, embeds, components });
    const whispers = () => emulator.state().messages.filter(({ onlyFor }) => onlyFor === userId);
    const modals = () => emulator.state().modals;
    const press = async (channelId: string, messageId: string, customId: string, deliveries = 1) =>
      (await emulator.press({ userId, channelId, messageId, customId, deliveries })).acked;
    return {
      platform,
      place: { platform: 'discord', room: channel },
      person: { actor: { platform: 'discord', id: userId, name: user.globalName }, roles: user.roles },
      received,
      answers,
      room: () =>
        emulator
          .state()
          .messages.filter(({ onlyFor }) => onlyFor === null)
          .map((message) => ({
            receipt: { platform: 'discord', room: message.channelId, message: message.id },
            text: shown(message),
            buttonIds: buttonsIn(message.components).map((button) => String(button['custom_id'])),
            root: message.channelId === channel ? null : message.channelId,
          })),
      privateText: () => [...whispers().map(shown), ...modals().map(({ data }) => readable(data))].join('\n'),
      acknowledged: () =>
        emulator.journal.entries.filter((entry) => entry.kind === 'callback' && entry.refused === undefined).length,
      press: ({ room, message }, buttonId, deliveries) => press(room, message, buttonId, deliveries),
      async pressPrivately(label) {
        for (const message of whispers().toReversed()) {
          const button = buttonsIn(message.components).find((one) => one['label'] === label);
          if (button !== undefined) return press(message.channelId, message.id, String(button['custom_id']));
        }
        return assert.fail(`there is no button ${label}`);
      },
      formIsOpen: () => modals().length > 0,
      closeForm: () => emulator.closeModal(userId, modals().at(-1)?.id ?? assert.fail('no form is open')),
      async submit(values) {
        const modal = modals().at(-1) ?? assert.fail('no form is open');
        return (await emulator.submitModal(userId, modal.id, values)).acked;
      },
      async type(command, text) {
        const [verb = '', name = '', ...rest] = text.split(' ');
        const [subcommand, options] =
          command === '/approvals'
            ? ['', text === '' ? {} : { filter: text }]
            : [` ${verb}`, { name, ...(rest.length === 0 ? {} : { text: rest.join(' ') }) }];
        const used = { userId, channelId: channel, name: `${command.slice(1)}${subcommand}`, options };
        return (await emulator.command(used)).acked;
      },
      fail: (call, fault) => emulator.fail(discordRoutes[call], discordFault(fault)),
      posts: () =>
        emulator.journal.entries.filter(
          (entry) => entry.kind === 'call' && entry.method === 'POST' && /^\/channels\/\d+\/messages$/.test(entry.path),
        ).length,
      deleteMessage: ({ room, message }) => emulator.deleteMessage(room, message),
      closeRoom: () => emulator.denyChannel(channel, 50_001),
      revokeToken: () => emulator.revokeToken(),
      goDown: () => emulator.close(),
      forgetKeys: () => emulator.forgetNonces(),
      until,
      logged: () => ({ text: logText(), secrets: [token] }),
      async [Symbol.asyncDispose]() {
        await platform.stop();
        await server?.stop();
        await emulator.close();
      },
    };
  },
});

platformContract('Slack over Socket Mode', slackHarness(false));
platformContract('Slack over HTTP', slackHarness(true));
platformContract('Discord over its gateway', discordHarness(false));
platformContract('Discord over HTTP', discordHarness(true));
