import type { Journal } from '../shared/journal.ts';

/** A JSON object as it came over the wire; the emulator checks it and otherwise keeps it as it is. */
export type Json = Record<string, unknown>;

export interface SlackUser {
  id: string;
  /** The account's handle (`dana.reyes`): what payloads carry as `name`, `username` and `user_name`. */
  handle: string;
  /** The name that clients show (`Dana Reyes`). No payload carries it: an app asks `users.info` for it. */
  displayName: string;
  /** User groups (`S…`) this person belongs to. */
  groups: string[];
}

/** A message as the room shows it; `blocks` is exactly what the bot sent. */
export interface SlackMessage {
  channel: string;
  ts: string;
  threadTs: string | null;
  /** The bot user, or a person's id. */
  user: string;
  text: string;
  blocks: Json[];
  attachments: Json[];
  metadata: Json | null;
  edited: boolean;
  /** Set when only this user sees it. */
  onlyFor: string | null;
  /** Of a reply: it is shown in the channel, too. Absent: it is not. */
  broadcast?: true;
}

/** A modal that stands open for one person; `view` is what the bot sent. */
export interface SlackView {
  id: string;
  hash: string;
  userId: string;
  view: Json;
  /** Messages per block id, from `response_action: "errors"`. */
  errors: Record<string, string>;
}

/** One person's home tab of the app; `view` is what the bot published last. */
export interface SlackHome {
  userId: string;
  id: string;
  hash: string;
  view: Json;
}

export interface SlackState {
  /** `directWith`: the person whose direct messages it is, the only one who sees it. */
  channels: { id: string; name: string; archived: boolean; directWith: string | null }[];
  users: SlackUser[];
  messages: SlackMessage[];
  views: SlackView[];
  homes: SlackHome[];
  connections: number;
}

export type SlackEntry =
  | { kind: 'call'; at: number; method: string; args: Json; ok: boolean; error: string | null; token: string | null }
  | { kind: 'socket'; at: number; event: 'open' | 'close'; connection: number }
  | { kind: 'envelope'; at: number; envelopeId: string; connection: number; payload: Json }
  /** `afterMs` counts from the envelope's dispatch; over 3,000 the person has already seen an error. */
  | { kind: 'ack'; at: number; envelopeId: string; afterMs: number; payload: Json | null }
  | { kind: 'refused'; at: number; what: string; reason: string };

/**
 * What goes wrong with the next matching call. `before`: nothing had effect. `after`: it had, and the answer is lost.
 * `late`: the connection is reset at once, and the call has its effect `ms` milliseconds later all the same.
 * `status` answers with an HTTP status; `error` with `ok: false` and that word.
 */
export type SlackFault =
  | { kind: 'reset'; when: 'before' | 'after' }
  | { kind: 'status'; status: number; when: 'before' | 'after' }
  | { kind: 'hang'; when: 'before' | 'after' }
  | { kind: 'delay'; ms: number }
  | { kind: 'late'; ms: number }
  | { kind: 'rate_limited'; retryAfterSeconds: number }
  | { kind: 'error'; error: string };

/** Slack's limits on calls, by the emulator's own clock. */
export interface SlackRateLimits {
  /** New messages a second in one channel, after so many at once. */
  posts: { everyMs: number; burst: number };
  /** `chat.update` in any minute, over all channels. */
  updatesPerMinute: number;
}

export interface SlackPress {
  userId: string;
  channel: string;
  ts: string;
  actionId: string;
  blockId?: string;
  /** Deliver the same envelope this many times (default 1); each copy goes to any open connection. */
  deliveries?: number;
  /** Another workspace's id, to play a foreign press. */
  teamId?: string;
  /** Sends this value in place of the button's own, to play a forged press. */
  value?: string;
}

/** How a press or submission ended, as the person saw it. */
export interface SlackPressResult {
  envelopeId: string;
  acked: boolean;
  afterMs: number | null;
  response: Json | null;
}

/** One of Slack's ways to send a payload to the app. */
export interface Deliverer {
  deliver(type: string, payload: Json, deliveries?: number): Promise<SlackPressResult>;
}

export interface SlackEmulator {
  /** For `SLACK_API_URL`, with its last slash. */
  readonly url: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  readonly teamId: string;
  readonly botUserId: string;
  readonly channel: string;
  readonly journal: Journal<SlackEntry>;
  state(): SlackState;
  /** Calls back after every change of `state()`. */
  onChange(listener: () => void): () => void;
  press(press: SlackPress): Promise<SlackPressResult>;
  /** `values`: block id → action id → what the person typed or chose. */
  submitView(userId: string, viewId: string, values: Record<string, Record<string, string>>): Promise<SlackPressResult>;
  closeView(userId: string, viewId: string): void;
  /** Presses a button in an open modal. */
  pressInView(userId: string, viewId: string, actionId: string): Promise<SlackPressResult>;
  /** Opens the app's home tab; the app hears of it, and publishes what it shows. */
  openHome(userId: string): Promise<SlackPressResult>;
  /** Presses a button in one's own home tab. */
  pressInHome(userId: string, actionId: string): Promise<SlackPressResult>;
  /**
   * Types a slash command (`/run`) in a channel, by default the first one. `deliveries` and `teamId` as with a press.
   */
  command(
    userId: string,
    command: string,
    text: string,
    more?: { channel?: string; deliveries?: number; teamId?: string },
  ): Promise<SlackPressResult>;
  /** From now on everything is sent to this address, as signed requests; null: over sockets again. */
  sendOverHttp(url: string | null): void;
  /** Posts a person's own message; the bot hears nothing of it. */
  say(userId: string, text: string, options?: { channel?: string; threadTs?: string }): SlackMessage;
  /** Puts up a message that carries this metadata: another app's, or the bot's own by its `user`. */
  forge(message: { metadata: Json; channel?: string; user?: string }): SlackMessage;
  /**
   * The next `times` (default 1) calls of `method` (`chat.postMessage`, …, or `response_url`) go wrong this way.
   * In the journal `ok` says whether the call had effect, whatever became of its answer.
   */
  fail(method: string, fault: SlackFault, times?: number): void;
  /** Forgets the faults that still wait, of one method or of all. */
  heal(method?: string): void;
  /** From now on calls beyond these are answered with 429; null lifts the limits. */
  limit(rates: SlackRateLimits | null): void;
  /** Nobody listens any more: connections are refused, and sockets are cut. Resolves when that is so. */
  goDown(): Promise<void>;
  /** Listens again at the same address. */
  comeBack(): Promise<void>;
  /** Sends `{"type":"disconnect"}` to every connection, or to this one, and closes it, as a routine refresh does. */
  refreshSockets(connection?: number): void;
  /** Sends this text to every connection as it is: what Slack would never send, for one. */
  sendFrame(text: string): void;
  /** Cuts every connection without a word. */
  dropSockets(): void;
  /** Whoever waits for an acknowledgement sees an error now, as after three seconds. */
  giveUpWaiting(): void;
  revokeToken(): void;
  /** The app was reinstalled: its token is good again. */
  restoreToken(): void;
  /** The app does without this scope: what needs it is refused with `missing_scope`. */
  revokeScope(scope: string): void;
  archiveChannel(channel: string): void;
  unarchiveChannel(channel: string): void;
  /** Takes the bot out of a channel: posting and reading there is refused with `not_in_channel`. */
  removeBot(channel: string): void;
  /** The app's direct messages to this person are refused from now on, or taken again. */
  closeDirect(userId: string, closed: boolean): void;
  inviteBot(channel: string): void;
  deleteMessage(channel: string, ts: string): void;
  addUser(user: SlackUser): void;
  close(): Promise<void>;
}
