import { App, LogLevel } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import { createSlackEmulator, type SlackEmulatorOptions } from '../../../../src/sandbox/emulators/slack/index.ts';
import type { Json, SlackEmulator, SlackMessage } from '../../../../src/sandbox/emulators/slack/types.ts';

export const DANA = 'U0000000001';
export const ROBIN = 'U0000000002';

/** Tests provoke errors on purpose; the libraries' own lines about them would hide real output. */
export const silent = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => LogLevel.ERROR,
  setName: () => {},
};

interface Cleanup {
  after(fn: () => Promise<void>): void;
}

/** Bolt must stop before its Slack goes, or it starts to reconnect. */
const apps = new WeakMap<SlackEmulator, App[]>();

export async function startSlack(test: Cleanup, options?: SlackEmulatorOptions): Promise<SlackEmulator> {
  const slack = await createSlackEmulator(options);
  apps.set(slack, []);
  test.after(async () => {
    for (const app of apps.get(slack) ?? []) await app.stop();
    await slack.close();
  });
  return slack;
}

export function webClient(slack: SlackEmulator, token: string = slack.botToken): WebClient {
  return new WebClient(token, { slackApiUrl: slack.url, retryConfig: { retries: 0 }, logger: silent });
}

/** A call whose arguments the library's types would not let through. */
export async function call(slack: SlackEmulator, method: string, args: Json, token?: string): Promise<Json> {
  return { ...(await webClient(slack, token).apiCall(method, args)) };
}

/** The real Bolt in Socket Mode, stopped with its Slack. */
export async function startBolt(slack: SlackEmulator, listen: (app: App) => void): Promise<App> {
  const app = new App({
    token: slack.botToken,
    appToken: slack.appToken,
    socketMode: true,
    deferInitialization: true,
    logger: silent,
    clientOptions: { slackApiUrl: slack.url, retryConfig: { retries: 0 } },
  });
  listen(app);
  await app.init();
  await app.start();
  apps.get(slack)?.push(app);
  return app;
}

/** A card with one button, posted the way the bot posts it. */
export async function postCard(
  slack: SlackEmulator,
  buttons: Json[] = [button('approve', 'v1')],
  extra: Json = {},
): Promise<SlackMessage> {
  const blocks = [{ type: 'actions', block_id: 'decide', elements: buttons }];
  const posted = await call(slack, 'chat.postMessage', { channel: slack.channel, text: 'card', blocks, ...extra });
  const message = slack.state().messages.find((one) => one.ts === posted['ts']);
  if (!message) throw new Error('the card is not in the room');
  return message;
}

export function button(actionId: string, value: string, extra: Json = {}): Json {
  return { type: 'button', action_id: actionId, value, text: { type: 'plain_text', text: actionId }, ...extra };
}

export function modal(blocks: Json[], extra: Json = {}): Json {
  const plain = (text: string) => ({ type: 'plain_text', text });
  return { type: 'modal', callback_id: 'form', title: plain('Form'), submit: plain('Send'), blocks, ...extra };
}

export function reasonField(element: Json = {}, block: Json = {}): Json {
  return {
    type: 'input',
    block_id: 'reason',
    label: { type: 'plain_text', text: 'Reason' },
    element: { type: 'plain_text_input', action_id: 'text', ...element },
    ...block,
  };
}
