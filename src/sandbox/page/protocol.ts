import type { DiscordMessage, DiscordModal, DiscordState } from '../emulators/discord/types.ts';
import type { Vocabulary } from '../emulators/runtype/types.ts';
import type { Json, SlackHome, SlackMessage, SlackState, SlackView } from '../emulators/slack/types.ts';
import type { Persona } from './personas.ts';

export type {
  DiscordMessage,
  DiscordModal,
  DiscordPressResult,
  DiscordState,
  DiscordUser,
} from '../emulators/discord/types.ts';
export type { Vocabulary } from '../emulators/runtype/types.ts';
export type {
  Json,
  SlackHome,
  SlackMessage,
  SlackPressResult,
  SlackUser,
  SlackView,
} from '../emulators/slack/types.ts';
export type { Persona } from './personas.ts';

/** Backends whose list of approvals the bot polls. */
export type PolledBackend = 'sonzai' | 'hookpulse';

/** Data that is constant while the sandbox runs. */
export interface PageInfo {
  personas: readonly Persona[];
  examples: readonly Example[];
  slackChannel: string;
  slackBotUser: string;
  discordChannel: string;
  discordBotUser: string;
}

/** A button that starts something; for a Runtype run, `name` is the script's name. */
export interface Example {
  name: string;
  backend: 'runtype' | PolledBackend;
  label: string;
  about: string;
  /** Its number among the few that a new person is shown first; absent for all others. */
  first?: number;
  /** Its label beside the policy: there is one for each rule of the first file. */
  byRule?: string;
}

export interface BotStatus {
  state: 'starting' | 'running' | 'stopping' | 'stopped';
  port: number;
  /** Why it stopped; null while it runs or after Stop was pressed. */
  died: string | null;
  /** The folder in which a person starts it by themselves; absent: the page starts and stops it. */
  ownIn?: string;
}

/** The bot as the page sees it. */
export interface Bot {
  readonly status: BotStatus;
  readonly log: readonly LogLine[];
  /** @throws Error that says what to do in place of it */
  start(): Promise<void>;
  stop(): Promise<void>;
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
  /** The streamed text so far; only the end of a long one. */
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
      caller: 'the bot' | 'the application' | 'no key' | 'an unknown key';
      body: unknown;
      status: number;
      effect: boolean;
      /** Whether the bot only asks whether Runtype responds: a 404 is then as expected. */
      healthCheck: boolean;
      /** How many identical health checks this line represents. */
      times: number;
    }
  | { kind: 'run'; number: number; executionId: string; state: string };

/** One line of "what Sonzai received" or "what HookPulse received". */
export type BackendLine =
  | {
      kind: 'call';
      backend: PolledBackend;
      number: number;
      method: string;
      /** With the query. */
      path: string;
      body: unknown;
      status: number;
      effect: boolean;
      /** How many identical polls this line represents. */
      times: number;
    }
  | { kind: 'change'; backend: PolledBackend; number: number; text: string };

/** A pending item as its backend's dashboard would show it. */
export interface DashboardItem {
  backend: PolledBackend;
  id: string;
  title: string;
  detail: string;
  actions: ('approve' | 'reject' | 'take_over')[];
}

/** What a phone shows when a message is posted. Edits never notify. */
export interface PhoneNotification {
  number: number;
  platform: 'slack' | 'discord';
  /** Where it was posted: `#approvals`; null for a direct message. */
  room: string | null;
  message: string;
  /** What the platform sends to the phone, as the bot wrote it; empty if the message has nothing but an embed. */
  text: string;
  /** Milliseconds since 1970. */
  at: number;
  /** The ids of the only people who get it; null for everyone in the room. */
  only: readonly string[] | null;
}

/** How many decisions the backends have accepted since the sandbox started. */
export interface Tally {
  approved: number;
  rejectedWithReason: number;
  answered: number;
  /** Of every kind. */
  decided: number;
}

/** One state of a card in the gallery, as the bot would post it. */
export interface DrawnState {
  name: string;
  caption: string;
  slack: { text: string; blocks: Json[] };
  discord: Json;
  slackDetails: Json;
  discordDetails: Json;
}

/** The policy file of the bot. */
export interface PolicyFileState {
  /** Its name, for people. */
  file: string;
  /** As it was saved last. */
  text: string;
  /** As the sandbox began with it. */
  first: string;
  /** What was saved last has errors: the one before it applies. */
  isWrong: boolean;
}

/** What saving a policy file led to. */
export interface SavedPolicy {
  /** Null: it has errors. */
  version: string | null;
  errors: number;
  /** `refused`: it keeps to the policy before. `unknown`: it did not say in time. */
  bot: 'loaded' | 'refused' | 'stopped' | 'unknown';
}

/** What a text of the policy file would do. */
export interface PolicyPreview {
  /** Null: it has errors. */
  version: string | null;
  problems: PolicyProblem[];
  /** The groups of each person of the file, by the person's key. */
  people: Record<string, string[]>;
  waiting: WaitingRequest[];
  requests: RuledRequest[];
}

export interface PolicyProblem {
  /** Both from 1. */
  line: number;
  column: number;
  wrong: string;
  remedy: string;
}

/** An open request. */
export interface WaitingRequest {
  id: string;
  tool: string;
  /** Its parameters on one line. */
  facts: string;
  asker: string | null;
  requester: string | null;
  /** Milliseconds since 1970. */
  askedAt: number;
  /** By the policy that applies. */
  now: Takes;
  /** Once the text is saved; null: it has errors. */
  after: Takes | null;
  /** Asked anew after that; null: the same as `after`. */
  anew: Takes | null;
  explanation: string;
}

/** What a request takes. */
export interface Takes {
  rule: string | null;
  decides: 'people' | 'rule' | 'no one';
  verdict: string;
  /** How many; 0: no one, or the rule decides. */
  people: number;
  /** `unverified`: only a look-up can tell. `requester`: they might, but for having asked for it. */
  may: { name: string; right: 'allowed' | 'unverified' | 'requester' }[];
  signed: { name: string; counts: boolean }[];
}

/** A request that was not asked, and the rule that it would meet. */
export interface RuledRequest extends Pick<Takes, 'rule' | 'decides' | 'verdict' | 'people'> {
  name: string;
}

/** The single values of the page's state. */
export interface Singles {
  page: PageInfo;
  bot: BotStatus;
  vocabulary: Vocabulary;
  tally: Tally;
  policy: PolicyFileState;
  'slack-room': Omit<SlackState, 'messages' | 'views' | 'homes'>;
  'discord-room': Omit<DiscordState, 'messages' | 'modals'>;
}

/** The collections of the page's state; each item is sent under `<collection>/<id>`, so that only changed ones are. */
export interface Collections {
  'slack-message': SlackMessage;
  'slack-view': SlackView;
  'slack-home': SlackHome;
  'discord-message': DiscordMessage;
  'discord-modal': DiscordModal;
  run: ApplicationRun;
  runtype: RuntypeLine;
  backend: BackendLine;
  dashboard: DashboardItem;
  notification: PhoneNotification;
  log: LogLine;
}

/** One event of `/events`. `reset`, set on the first event of a connection, clears the previous state. */
export interface Change {
  reset: boolean;
  set: Record<string, unknown>;
  drop: string[];
}
