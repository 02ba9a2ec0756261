import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Place } from '../../../src/core/approval/parts/slot.ts';
import { PlatformError, type PlatformErrorKind } from '../../../src/core/ports/errors.ts';
import type { Clock, ForeignPress, Handlers, Platform, Press, PressAnswer } from '../../../src/core/ports/ports.ts';
import type { ButtonId } from '../../../src/core/view/button-id.ts';
import { encodeButtonId } from '../../../src/core/view/button-id.ts';
import type { Card } from '../../../src/core/view/card.ts';
import type { Command } from '../../../src/core/view/command.ts';
import { createDiscord, type DiscordOptions } from '../../../src/platforms/discord/index.ts';
import { createDiscordEmulator } from '../../../src/sandbox/emulators/discord/index.ts';
import type {
  DiscordChannelOptions,
  DiscordEmulator,
  DiscordEntry,
} from '../../../src/sandbox/emulators/discord/types.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { formOf } from '../../support/data/forms.ts';
import { noLists } from '../../support/data/lists.ts';
import { type CapturedLog, captureLog } from '../../support/log.ts';

export const buttonId: ButtonId = { approvalId: 'ap1', action: 'approve', fingerprint: 'd1' };

export const form = formOf({ ...buttonId, action: 'reject' });

export function cardOf(more: Partial<Card> = {}): Card {
  return {
    tone: 'open',
    title: 'Refund order',
    summary: 'Refund order: Needs a decision.',
    status: [{ strong: 'Needs a decision.' }],
    asker: [{ strong: 'Order desk' }, ' wants to run ', { code: 'refund_order' }],
    quotes: [],
    body: { label: 'Parameters', text: 'orderId: A-1009' },
    cautions: [],
    remark: null,
    footer: [],
    buttons: [
      { id: encodeButtonId(buttonId), action: 'approve', label: 'Approve', style: 'primary' },
      { id: encodeButtonId({ ...buttonId, action: 'reject' }), action: 'reject', label: 'Reject', style: 'danger' },
    ],
    ...more,
  };
}

export interface Rig extends CapturedLog {
  emulator: DiscordEmulator;
  discord: Platform;
  place: Place;
  /** A person in the room. */
  userId: string;
  presses: Press[];
  /** Whose form could not be shown. */
  notShown: Press[];
  /** Presses that were refused because they are not ours. */
  foreign: ForeignPress[];
  commands: Command[];
  /** Answers the next requests for a list. */
  answerLook: Handlers['onList'];
  /** Answers the next presses. */
  answerWith(answer: PressAnswer | Error | Promise<PressAnswer>): void;
  /** Advances the monotonic clock, ms. */
  advance(ms: number): void;
  post(more?: Partial<Card>, key?: string): ReturnType<Platform['post']>;
  press(message: string, customId?: string, deliveries?: number): ReturnType<DiscordEmulator['press']>;
}

/** Accepts every press. */
export const accepting: Handlers = {
  ...noLists,
  onPress: async () => ({ type: 'accepted' }),
  onCommand: async () => ({ text: 'Heard.', rooms: [] }),
};

/** The platform and its emulator, not started; both end with the test. */
export async function createRig(
  t: TestContext,
  options: Partial<DiscordOptions> & { channels?: DiscordChannelOptions[]; overHttp?: boolean } = {},
): Promise<Rig> {
  const { channels = [], overHttp = false, ...more } = options;
  const emulator = await createDiscordEmulator({ channels });
  const captured = captureLog();
  let ahead = 0;
  const clock: Clock = { ...systemClock, monotonic: () => systemClock.monotonic() + ahead };
  const { url: apiUrl, token, channel } = emulator;
  const publicKey = overHttp ? emulator.publicKey : null;
  const discord = createDiscord({ token, publicKey, channel, apiUrl, clock, log: captured.log, ...more });
  t.after(async () => {
    await discord.stop();
    await emulator.close();
  });
  const userId = emulator.state().users[0]?.id ?? '';
  const place = { platform: 'discord', room: channel };
  const rig: Rig = {
    ...captured,
    emulator,
    discord,
    place,
    userId,
    presses: [],
    notShown: [],
    foreign: [],
    commands: [],
    answerLook: noLists.onList,
    answerWith(answer) {
      answers.set(rig, answer);
    },
    advance(ms) {
      ahead += ms;
    },
    post: (more, key = 'ap1:card') => discord.post(place, null, cardOf(more), key, new AbortController().signal),
    press: (messageId, customId = encodeButtonId(buttonId), deliveries = 1) =>
      emulator.press({ userId, channelId: channel, messageId, customId, deliveries }),
  };
  return rig;
}

const answers = new WeakMap<Rig, PressAnswer | Error | Promise<PressAnswer>>();

/** The same, started. */
export async function startRig(t: TestContext, options: Parameters<typeof createRig>[1] = {}): Promise<Rig> {
  const rig = await createRig(t, options);
  await rig.discord.start({
    onList: (look) => rig.answerLook(look),
    onHome: async () => {},
    onFormClosed: async () => {},
    onFormNotShown: async (press) => {
      rig.notShown.push(press);
    },
    onForeignPress: async (press) => {
      rig.foreign.push(press);
    },
    onCommand: async (command) => {
      rig.commands.push(command);
      return { text: 'Heard.', rooms: [] };
    },
    onPress: async (press) => {
      rig.presses.push(press);
      const answer = answers.get(rig) ?? { type: 'accepted' };
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  return rig;
}

export function entries<Kind extends DiscordEntry['kind']>({ emulator }: Rig, kind: Kind) {
  return emulator.journal.entries.filter((entry) => entry.kind === kind) as Extract<DiscordEntry, { kind: Kind }>[];
}

/** REST calls by method and path, as `POST /channels/1/messages`. */
export function calls(rig: Rig, pattern: RegExp): Extract<DiscordEntry, { kind: 'call' }>[] {
  return entries(rig, 'call').filter(({ method, path }) => pattern.test(`${method} ${path}`));
}

/** Expects a PlatformError of this kind, and returns it. */
export async function failure(work: Promise<unknown>, kind: PlatformErrorKind): Promise<PlatformError> {
  const thrown = await work.then(
    () => assert.fail('it should have failed'),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof PlatformError, `${thrown}`);
  assert.equal(thrown.kind, kind, thrown.message);
  return thrown;
}
