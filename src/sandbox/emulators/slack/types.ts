import type { Journal } from '../shared/journal.ts';

/** A JSON object as received; the emulator checks it and keeps it unchanged. */
export type Json = Record<string, unknown>;

export interface SlackUser {
  id: string;
  /** The account's handle (`dana.reyes`): what payloads carry as `name`, `username` and `user_name`. */
  handle: string;
  /** The name that clients show (`Dana Reyes`). No payload carries it: an app asks `users.info` for it. */
  displayName: string;
  /** The full name, where the person chose another one to be displayed. Most people have only this one. */
  realName?: string;
  /** User groups (`S…`) this person belongs to. */
  groups: string[];
  /** A guest sees only the channels that they are in. */
  guest?: true;
  /** The account was deactivated. */
  deleted?: true;
  /** The user of another app. */
  bot?: true;
  /** Absent: the emulator's own workspace. */
  home?: SlackHomeWorkspace;
}

/** Another workspace, for Enterprise Grid and Slack Connect. */
export interface SlackHomeWorkspace {
  teamId: string;
  /** Of the organisation (`E…`) that it belongs to; null: none. */
  enterpriseId: string | null;
  /**
   * What payloads say: `place`: this workspace as the place, too; `host`: the emulator's workspace as the place, as in a
   * shared channel; `organisation`: the same, with the organisation's ID as the person's `team_id`.
   */
  shownAs: 'place' | 'host' | 'organisation';
}

/** A message as the channel shows it; `blocks` is exactly what the bot sent. */
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
  /** Of a reply: whether it is also shown in the channel. */
  broadcast?: true;
}

/** A modal that is open for one person; `view` is what the bot sent. */
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

/** `invited`: another organisation was, and has not accepted yet. */
export type SlackSharing = 'organisation' | 'workspace' | 'invited';

/** Only admins post; everyone only replies; no one replies; some people post, which Slack says without saying who. */
export type SlackRestriction = 'read_only' | 'thread_only' | 'non_threadable' | 'some_people';

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
 * A fault of the next matching call. `before`: it has no effect. `after`: it has, and the response is lost.
 * `late`: the connection is reset at once, and the call still takes effect `ms` milliseconds later.
 * `status` answers with an HTTP status; `error` with `ok: false` and that code.
 */
export type SlackFault =
  | { kind: 'reset'; when: 'before' | 'after' }
  | { kind: 'status'; status: number; when: 'before' | 'after' }
  | { kind: 'hang'; when: 'before' | 'after' }
  | { kind: 'delay'; ms: number }
  | { kind: 'late'; ms: number }
  | { kind: 'rate_limited'; retryAfterSeconds: number }
  | { kind: 'error'; error: string };

/** Messages that contain this text are refused with this code (`invalid_blocks`, `msg_too_long`, …), also as edits. */
export interface ContentRule {
  code: string;
  containing: string;
}

/** Slack’s rate limits, measured by the emulator's clock. */
export interface SlackRateLimits {
  /** New messages per channel: one every `everyMs`, after a burst of `burst`. */
  posts: { everyMs: number; burst: number };
  /** `chat.update` calls per minute, over all channels. */
  updatesPerMinute: number;
  /** `users.info` calls per minute. */
  lookUpsPerMinute: number;
  /** Least time between two calls of one `response_url`. Assumed: as documented for incoming webhooks, one a second. */
  responseEveryMs?: number;
}

export interface SlackPress {
  userId: string;
  channel: string;
  ts: string;
  actionId: string;
  blockId?: string;
  /** Deliver the same envelope this many times (default 1); each copy goes to any open connection. */
  deliveries?: number;
  /** Another workspace's id, to simulate a foreign press. */
  teamId?: string;
  /** Another app's id, to simulate a press that Slack would never send to this app. */
  appId?: string;
  /** Who posted the message, to simulate a press on one that is not the app's. */
  messageBy?: { bot_id?: string; app_id?: string; user?: string };
  /** Sent in place of the button's value, to simulate a forged press. */
  value?: string;
}

/** How a press or submission ended, as the person saw it. */
export interface SlackPressResult {
  envelopeId: string;
  acked: boolean;
  afterMs: number | null;
  response: Json | null;
}

/** Delivers payloads to the app: by Socket Mode or over HTTP. */
export interface Deliverer {
  deliver(type: string, payload: Json, deliveries?: number): Promise<SlackPressResult>;
}

export interface SlackEmulator {
  /** For `SLACK_API_URL`, with its trailing slash. */
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
  /** Opens the app's home tab; the app receives an event and publishes the view. */
  openHome(userId: string): Promise<SlackPressResult>;
  /** Presses a button in the person's home tab. */
  pressInHome(userId: string, actionId: string): Promise<SlackPressResult>;
  /**
   * Types a slash command (`/run`) in a channel, by default the first one. `deliveries` and `teamId` as with a press.
   * The text is escaped as Slack's client does. `shouldEscape`: people, channels and links come as references, too.
   */
  command(
    userId: string,
    command: string,
    text: string,
    more?: { channel?: string; deliveries?: number; teamId?: string; appId?: string; shouldEscape?: boolean },
  ): Promise<SlackPressResult>;
  /** From now on payloads are sent to this URL as signed requests; null: over sockets again. */
  sendOverHttp(url: string | null): void;
  /** Posts a message of a person; the bot is not notified. */
  say(userId: string, text: string, options?: { channel?: string; threadTs?: string }): SlackMessage;
  /** Posts a message with this metadata, as another app or, by its `user`, as the bot. */
  forge(message: { metadata: Json; channel?: string; user?: string }): SlackMessage;
  /**
   * Plans a fault for the next `times` (default 1) calls of `method` (`chat.postMessage`, …, or `response_url`).
   * In the journal, `ok` says whether the call had effect, even if its response was lost.
   */
  fail(method: string, fault: SlackFault, times?: number): void;
  /** Removes the planned faults of one method, or all of them. */
  heal(method?: string): void;
  /** Refuses messages for their content from now on; null: only those that break Slack’s rules, as at the start. */
  refuseContent(rule: ContentRule | null): void;
  /** What everyone sees in a channel without opening a thread, oldest first: no replies but those that were broadcast. */
  inRoom(channel?: string): SlackMessage[];
  /** Answers calls beyond these limits with 429; null removes the limits. */
  limit(rates: SlackRateLimits | null): void;
  /** Stops listening: connections are refused and sockets are cut. Resolves once that is done. */
  goDown(): Promise<void>;
  /** Listens again at the same address. */
  comeBack(): Promise<void>;
  /** Sends `{"type":"disconnect"}` to every connection, or to this one, and closes it, as a routine refresh does. */
  refreshSockets(connection?: number): void;
  /** Sends this text to every connection unchecked, for example an invalid frame. */
  sendFrame(text: string): void;
  /** Cuts every connection without a close frame. */
  dropSockets(): void;
  /** Ends pending deliveries now, as after three seconds: the person sees an error. */
  giveUpWaiting(): void;
  /** Refuses the bot's token from now on, by default as revoked. */
  revokeToken(error?: 'token_revoked' | 'account_inactive' | 'token_expired'): void;
  /** Makes the token valid again, as after a reinstall of the app. */
  restoreToken(): void;
  /** Removes a scope: calls that need it are refused with `missing_scope`. */
  revokeScope(scope: string): void;
  /** Adds a scope to the bot's token. */
  grantScope(scope: string): void;
  /** Takes `connections:write` from the app-level token. */
  revokeAppScope(): void;
  archiveChannel(channel: string): void;
  unarchiveChannel(channel: string): void;
  /** From now on the channel is shared with another organisation (Slack Connect) or workspace; null: with none. */
  shareChannel(channel: string, shared: SlackSharing | null): void;
  /** Limits what may be posted in a channel from now on; null: nothing is limited. */
  restrictChannel(channel: string, to: SlackRestriction | null): void;
  /** Disables a user group, or enables it again. */
  disableGroup(group: string, disabled: boolean): void;
  /** The calls that changed something, in order: all but those that only read. */
  writes(): string[];
  /** Makes a channel private or public, with these people in it. */
  setMembers(id: string, members: readonly string[], isPrivate: boolean): void;
  /** Removes the bot from a channel: posting and reading there is refused with `not_in_channel`. */
  removeBot(channel: string): void;
  /** Refuses or accepts the app's direct messages to this person from now on. */
  closeDirect(userId: string, closed: boolean): void;
  inviteBot(channel: string): void;
  deleteMessage(channel: string, ts: string): void;
  /** Adds a person, or replaces the one with this ID. */
  addUser(user: SlackUser): void;
  /** The workspace belongs to this Enterprise organisation (`E…`) from now on; null: to none, as at first. */
  joinOrganisation(enterpriseId: string | null): void;
  close(): Promise<void>;
}
