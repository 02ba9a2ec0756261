import type { DiscordMessage, DiscordModal, DiscordState } from '../discord/types.ts';
import type { Vocabulary } from '../runtype/types.ts';
import type { SlackMessage, SlackState, SlackView } from '../slack/types.ts';
import type { Persona } from './personas.ts';

export type { DiscordMessage, DiscordModal, DiscordPressResult, DiscordUser } from '../discord/types.ts';
export type { Vocabulary } from '../runtype/types.ts';
export type { Json, SlackMessage, SlackPressResult, SlackUser, SlackView } from '../slack/types.ts';
export type { Persona } from './personas.ts';

/** What never changes while the sandbox runs. */
export interface PageInfo {
  personas: readonly Persona[];
  examples: readonly Example[];
  slackChannel: string;
  slackBotUser: string;
  discordChannel: string;
  discordBotUser: string;
}

/** A run that a button on the page starts; `name` is the script's. */
export interface Example {
  name: string;
  label: string;
  about: string;
}

export interface BotStatus {
  state: 'starting' | 'running' | 'stopping' | 'stopped';
  port: number;
  /** Why it stopped: null while it has not, or when somebody pressed Stop. */
  died: string | null;
}

export interface LogLine {
  number: number;
  text: string;
}

/** A run as the application that started it through the gateway sees it. */
export interface ApplicationRun {
  id: number;
  label: string;
  vocabulary: Vocabulary;
  /** Milliseconds since 1970. */
  startedAt: number;
  /** The streamed text so far, its end kept when it is long. */
  text: string;
  /** Event types in order; repeats in a row are counted. */
  events: { type: string; count: number }[];
  /** Null while the stream is open. */
  end: { how: 'complete' | 'error' | 'paused' | 'unfinished' | 'cut' | 'refused'; detail: string } | null;
}

/** One line of "what Runtype received". */
export type RuntypeLine =
  | {
      kind: 'call';
      number: number;
      method: string;
      path: string;
      caller: 'the bot' | 'the application' | 'nobody' | 'an unknown key';
      body: unknown;
      status: number;
      effect: boolean;
    }
  | { kind: 'run'; number: number; executionId: string; state: string };

/** What the page knows, part by part. */
export interface Singles {
  page: PageInfo;
  bot: BotStatus;
  vocabulary: Vocabulary;
  'slack-room': Omit<SlackState, 'messages' | 'views'>;
  'discord-room': Omit<DiscordState, 'messages' | 'modals'>;
}

/** Things that come in numbers; each travels under `<collection>/<id>`, so that only what changed is sent again. */
export interface Collections {
  'slack-message': SlackMessage;
  'slack-view': SlackView;
  'discord-message': DiscordMessage;
  'discord-modal': DiscordModal;
  run: ApplicationRun;
  runtype: RuntypeLine;
  log: LogLine;
}

/** One event of `/events`. The first of a connection has `reset`: forget everything known before. */
export interface Change {
  reset: boolean;
  set: Record<string, unknown>;
  drop: string[];
}
