/** Draws messages as the page does, outside of a browser. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { compileFunction } from 'node:vm';
import { build, stop } from 'esbuild';
import type { DiscordMessage, SlackMessage } from '../../../../src/sandbox/page/protocol.ts';

const client = fileURLToPath(new URL('../../../../src/sandbox/page/client/', import.meta.url));

const entry = `
  import { createElement } from 'react';
  import { renderToStaticMarkup } from 'react-dom/server';
  import { SlackMessageView } from './slack/message.tsx';
  import { DiscordMessageView } from './discord/message.tsx';
  const person = { key: 'kit', name: 'Kit', part: 'bystander', slackId: 'U1', discordId: '1' };
  export const slack = (message) => renderToStaticMarkup(createElement(SlackMessageView, { message, person, botUser: 'UBOT' }));
  export const discord = (message) => renderToStaticMarkup(createElement(DiscordMessageView, { message, person, botUser: '9' }));
`;

export interface Pencil {
  slack(message: Partial<SlackMessage>): string;
  discord(message: Partial<DiscordMessage>): string;
}

export async function loadPencil(): Promise<Pencil> {
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: client, loader: 'js' },
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    packages: 'external',
    jsx: 'automatic',
  });
  await stop();
  const drawn: { slack?: (message: SlackMessage) => string; discord?: (message: DiscordMessage) => string } = {};
  const module = { exports: drawn };
  compileFunction(outputFiles[0]?.text ?? '', ['require', 'module'])(createRequire(import.meta.url), module);
  const { slack, discord } = module.exports;
  if (!slack || !discord) throw new Error('The bundle exports nothing.');
  return {
    slack: (message) => slack({ ...slackMessage, ...message }),
    discord: (message) => discord({ ...discordMessage, ...message }),
  };
}

const slackMessage: SlackMessage = {
  channel: 'C1',
  ts: '1790000000.000100',
  threadTs: null,
  user: 'UBOT',
  text: '',
  blocks: [],
  attachments: [],
  metadata: null,
  edited: false,
  onlyFor: null,
};

const discordMessage: DiscordMessage = {
  id: '1300000000000000000',
  channelId: '1',
  authorId: '9',
  content: '',
  embeds: [],
  components: [],
  flags: 0,
  nonce: null,
  edited: false,
  threadId: null,
  onlyFor: null,
};
