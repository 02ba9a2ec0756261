import type { DiscordEmulator } from '../../emulators/discord/types.ts';
import type { HookPulseEmulator } from '../../emulators/hookpulse/types.ts';
import type { RuntypeEmulator } from '../../emulators/runtype/types.ts';
import type { SlackEmulator } from '../../emulators/slack/types.ts';
import type { SonzaiEmulator } from '../../emulators/sonzai/types.ts';
import type { PolicyDesk } from '../../policy/desk.ts';
import { examplesOf } from '../examples.ts';
import { personas } from '../personas.ts';
import type { Bot, Collections, Singles } from '../protocol.ts';
import type { Application } from './application.ts';
import { backendLines } from './backend-lines.ts';
import { dashboardItems } from './dashboards.ts';
import type { Notifications } from './notifications.ts';
import { runtypeLines } from './runtype-lines.ts';
import { tallyOf } from './tally.ts';

/** Everything that runs in the sandbox. */
export interface Parts {
  slack: SlackEmulator;
  discord: DiscordEmulator;
  runtype: RuntypeEmulator;
  sonzai: SonzaiEmulator;
  hookpulse: HookPulseEmulator;
  bot: Bot;
  application: Application;
  policy: PolicyDesk;
}

/** The page's whole state, under flat keys. */
export function collect(parts: Parts, notifications: Notifications): Map<string, unknown> {
  const { slack, discord, runtype, sonzai, hookpulse, bot, application, policy } = parts;
  const entries = new Map<string, unknown>();
  const one = <K extends keyof Singles>(key: K, value: Singles[K]) => entries.set(key, value);
  const many = <K extends keyof Collections>(collection: K, id: string | number, value: Collections[K]) =>
    entries.set(`${collection}/${id}`, value);

  const { messages: slackMessages, views, homes, ...slackRoom } = slack.state();
  const { messages: discordMessages, modals, ...discordRoom } = discord.state();
  one('page', {
    personas,
    examples: examplesOf(runtype.scripts),
    slackChannel: slack.channel,
    slackBotUser: slack.botUserId,
    discordChannel: discord.channel,
    discordBotUser: discord.botUserId,
  });
  one('bot', bot.status);
  one('vocabulary', runtype.vocabulary);
  one('tally', tallyOf(parts));
  one('policy', policy.state);
  one('slack-room', slackRoom);
  one('discord-room', discordRoom);
  for (const message of slackMessages) many('slack-message', `${message.channel}-${message.ts}`, message);
  for (const view of views) many('slack-view', view.id, view);
  for (const home of homes) many('slack-home', home.userId, home);
  for (const message of discordMessages) many('discord-message', message.id, message);
  for (const modal of modals) many('discord-modal', modal.id, modal);
  notifications.noteSlack(slack.botUserId, { ...slackRoom, messages: slackMessages });
  notifications.noteDiscord(discord.botUserId, { ...discordRoom, messages: discordMessages });
  for (const notification of notifications.shown) many('notification', notification.number, notification);
  for (const run of application.runs) many('run', run.id, run);
  for (const line of runtypeLines(runtype)) many('runtype', line.number, line);
  const lines = [
    ...backendLines('sonzai', sonzai.journal.entries),
    ...backendLines('hookpulse', hookpulse.journal.entries),
  ];
  for (const line of lines) many('backend', `${line.backend}-${line.number}`, line);
  for (const item of dashboardItems(parts)) many('dashboard', `${item.backend}-${item.id}`, item);
  for (const line of bot.log) many('log', line.number, line);
  return entries;
}
