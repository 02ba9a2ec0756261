import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Receipt } from '../../../src/core/approval/parts/slot.ts';
import type {
  ClosedForm,
  ForeignPress,
  Handlers,
  ListRequest,
  Platform,
  Press,
  PressAnswer,
} from '../../../src/core/ports/ports.ts';
import type { ButtonId } from '../../../src/core/view/button-id.ts';
import { encodeButtonId } from '../../../src/core/view/button-id.ts';
import type { Card } from '../../../src/core/view/card.ts';
import type { Command, CommandAnswer } from '../../../src/core/view/command.ts';
import { createSlack, type SlackOptions } from '../../../src/platforms/slack/index.ts';
import { createSlackEmulator } from '../../../src/sandbox/emulators/slack/index.ts';
import type { SlackEmulator, SlackEntry, SlackMessage } from '../../../src/sandbox/emulators/slack/types.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { noLists } from '../../support/data/lists.ts';
import { listenerAt } from '../../support/http.ts';
import { type CapturedLog, captureLog } from '../../support/log.ts';

export const dana = 'U0000000001';
export const never = new AbortController().signal;
export const buttonId: ButtonId = { approvalId: 'ap_1', action: 'approve', fingerprint: 'd1gest' };

export interface SlackRig extends AsyncDisposable {
  emulator: SlackEmulator;
  slack: Platform;
  log: CapturedLog;
  presses: Press[];
  /** Whose form could not be shown. */
  notShown: Press[];
  closed: ClosedForm[];
  /** Presses that were refused because they are not ours. */
  foreign: ForeignPress[];
  /** Answers the next presses; the default accepts them. */
  answer: (press: Press) => Promise<PressAnswer>;
  /** Answers the next commands. */
  answerCommand: (command: Command) => Promise<CommandAnswer>;
  /** Answers the next requests for a list. */
  answerLook: Handlers['onList'];
  /** Requests for a home tab. */
  homes: ListRequest[];
  /** Replaces all of the above. */
  handlers: Handlers | null;
  post(card?: Card, root?: Receipt | null): Promise<Receipt>;
  message(receipt: Receipt): SlackMessage;
  /** What only one person sees. */
  asides(): SlackMessage[];
  calls(method: string): Extract<SlackEntry, { kind: 'call' }>[];
}

/** The real library against the emulator. @param options.overHttp Slack sends signed requests to a server of the bot */
export async function startSlack({
  overHttp = false,
  ...more
}: Partial<SlackOptions> & { overHttp?: boolean } = {}): Promise<SlackRig> {
  const emulator = await createSlackEmulator();
  const { botToken, appToken, signingSecret, url: apiUrl } = emulator;
  const delivery: SlackOptions['delivery'] = overHttp ? { kind: 'http', signingSecret } : { kind: 'socket', appToken };
  const log = captureLog();
  const slack = createSlack({ botToken, delivery, apiUrl, log: log.log, clock: systemClock, ...more });
  const server = overHttp ? await listen(listenerAt(slack, '/slack/events', log.log)) : null;
  if (server !== null) emulator.sendOverHttp(server.url);
  const rig: SlackRig = {
    emulator,
    slack,
    log,
    presses: [],
    notShown: [],
    closed: [],
    foreign: [],
    answer: async () => ({ type: 'accepted' }),
    answerCommand: async () => ({ text: 'Heard.', rooms: [] }),
    answerLook: noLists.onList,
    homes: [],
    handlers: null,
    post: (card = cardOf(), thread = null) =>
      slack.post(
        { platform: 'slack', room: emulator.channel },
        thread && { root: thread, title: 'Refund order' },
        card,
        'key-1',
        never,
      ),
    message(receipt) {
      const found = emulator
        .state()
        .messages.find(({ channel, ts }) => channel === receipt.room && ts === receipt.message);
      if (found === undefined) throw new Error(`No message ${receipt.message}`);
      return found;
    },
    asides: () => emulator.state().messages.filter(({ onlyFor }) => onlyFor !== null),
    calls: (method) =>
      emulator.journal.entries.filter((entry) => entry.kind === 'call').filter((call) => call.method === method),
    async [Symbol.asyncDispose]() {
      await slack.stop();
      await emulator.close();
      await server?.close();
    },
  };
  const started = slack.start({
    onPress: async (press) => {
      if (rig.handlers !== null) return rig.handlers.onPress(press);
      rig.presses.push(press);
      return rig.answer(press);
    },
    onFormNotShown: async (press) => {
      if (rig.handlers !== null) return rig.handlers.onFormNotShown(press);
      rig.notShown.push(press);
    },
    onFormClosed: async (closed) => {
      if (rig.handlers !== null) return rig.handlers.onFormClosed(closed);
      rig.closed.push(closed);
    },
    onForeignPress: async (press) => {
      if (rig.handlers !== null) return rig.handlers.onForeignPress(press);
      rig.foreign.push(press);
    },
    onCommand: (command) => rig.handlers?.onCommand(command) ?? rig.answerCommand(command),
    onList: (look) => rig.handlers?.onList(look) ?? rig.answerLook(look),
    onHome: async (look) => {
      if (rig.handlers !== null) return rig.handlers.onHome(look);
      rig.homes.push(look);
    },
  });
  await started.catch(async (error) => {
    await rig[Symbol.asyncDispose]();
    throw error;
  });
  return rig;
}

async function listen(listener: RequestListener): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { url: `http://127.0.0.1:${port}/slack/events`, close };
}

export function cardOf(more: Partial<Card> = {}): Card {
  return {
    tone: 'open',
    title: 'Refund order',
    summary: 'Refund order: Needs a decision.',
    status: [{ strong: 'Needs a decision.' }],
    asker: [{ strong: 'Order desk' }, ' wants to run ', { code: 'refund_order' }],
    quotes: [
      {
        author: 'The agent “Order desk” writes (unverified)',
        text: 'The customer asked for *their* money <!channel> back.',
      },
      { author: 'The tool’s author writes', text: 'Refund an order by id' },
    ],
    body: { label: 'Parameters', text: 'orderId: A-1009\namount:  42.5' },
    cautions: ['1 secret value is masked'],
    remark: null,
    footer: [['Runtype · asked ', { at: Date.UTC(2026, 10, 22, 14, 5), style: 'relative' }]],
    buttons: [
      { id: encodeButtonId(buttonId), action: 'approve', label: 'Approve', style: 'primary' },
      { id: encodeButtonId({ ...buttonId, action: 'reject' }), action: 'reject', label: 'Reject', style: 'danger' },
    ],
    ...more,
  };
}

export function pressOn(receipt: Receipt, action = 'approve') {
  return { userId: dana, channel: receipt.room, ts: receipt.message, actionId: `countersign.${action}` };
}
