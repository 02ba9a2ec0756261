import { once } from 'node:events';
import { Journal } from '../shared/journal.ts';
import { administration } from './administration.ts';
import { HttpDelivery } from './delivery/http.ts';
import { SocketMode } from './delivery/socket-mode.ts';
import { sendCommand } from './interactions/command.ts';
import { openHome, pressInHome } from './interactions/home-tab.ts';
import { closeView, pressInView, submitView } from './interactions/modal.ts';
import { pressPayload } from './interactions/press.ts';
import type { Deliverer, SlackEmulator, SlackEntry, SlackState, SlackUser } from './types.ts';
import { Faults } from './web-api/faults.ts';
import { LIMITS } from './web-api/limits.ts';
import { writesIn } from './web-api/methods/reading.ts';
import { RateLimiter } from './web-api/rate-limiter.ts';
import { WebServer } from './web-api/server.ts';
import { BOT, createTokens, SIGNING_SECRET, TEAM } from './workspace/identity.ts';
import { Workspace } from './workspace/workspace.ts';

export interface SlackEmulatorOptions {
  /** Default: any free port. */
  port?: number;
  users?: SlackUser[];
  /** Where it can be reached from outside: the addresses of its sockets are there (default: its own). */
  origin?: string;
  /** The first one is the emulator's `channel`. */
  channels?: { id: string; name: string }[];
  /** Milliseconds until a person sees an error; Slack's 3,000 by default. */
  ackLimitMs?: number;
  /** Slack's wall clock in milliseconds: message timestamps, triggers and response URLs follow it. */
  now?: () => number;
}

const USERS: SlackUser[] = [
  { id: 'U0000000001', handle: 'dana', displayName: 'Dana Reyes', groups: ['S0000000001'] },
  { id: 'U0000000002', handle: 'robin', displayName: 'Robin Vega', groups: ['S0000000001'] },
  { id: 'U0000000003', handle: 'kim', displayName: 'Kim Sato', groups: [] },
];
const CHANNELS = [
  { id: 'C0000000001', name: 'approvals' },
  { id: 'C0000000002', name: 'general' },
];

/** The scopes of an app created from the project's manifest. */
const SCOPES = [
  'chat:write',
  'commands',
  'usergroups:read',
  'users:read',
  'channels:read',
  'groups:read',
  'channels:history',
  'groups:history',
  'im:write',
  'im:history',
];

/** Starts a Slack on 127.0.0.1 for the real libraries; it refuses what Slack refuses. */
export async function createSlackEmulator(options: SlackEmulatorOptions = {}): Promise<SlackEmulator> {
  const { port = 0, users = USERS, channels = CHANNELS, ackLimitMs = LIMITS.ackMs, now = Date.now } = options;
  const journal = new Journal<SlackEntry>();
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const slack = new Workspace(users, channels, now, changed);
  const sockets = new SocketMode({ journal, ackLimitMs, onChange: changed });
  const faults = new Faults();
  const rates = new RateLimiter(now);
  const scopes = new Set(SCOPES);
  const tokens = createTokens();
  const web = new WebServer({
    slack,
    sockets,
    faults,
    rates,
    journal,
    tokens,
    scopes,
    options,
    now,
  });
  web.server.listen(port, '127.0.0.1');
  await once(web.server, 'listening');
  const address = web.server.address();
  const listensAt = typeof address === 'object' && address !== null ? address.port : port;
  const origin = `http://127.0.0.1:${listensAt}`;
  let http: HttpDelivery | null = null;
  const deliverer: Deliverer = {
    deliver: (type, payload, deliveries) => (http ?? sockets).deliver(type, payload, deliveries),
  };
  const deps = { slack, deliverer, journal, origin };
  const channel = channels[0]?.id ?? '';

  const state = () => stateOf(slack, sockets.count);

  return {
    url: `${origin}/api/`,
    botToken: tokens.bot,
    appToken: tokens.app,
    signingSecret: SIGNING_SECRET,
    teamId: TEAM.id,
    botUserId: BOT.userId,
    channel,
    journal,
    state,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    press: async (press) => deliverer.deliver('interactive', pressPayload(slack, origin, press), press.deliveries),
    submitView: (userId, viewId, values) => submitView(deps, userId, viewId, values),
    closeView: (userId, viewId) => closeView(deps, userId, viewId),
    pressInView: (userId, viewId, actionId) => pressInView(deps, userId, viewId, actionId),
    openHome: (userId) => openHome(deps, userId),
    pressInHome: (userId, actionId) => pressInHome(deps, userId, actionId),
    command: (userId, command, text, more = {}) => sendCommand(deps, userId, command, text, { channel, ...more }),
    sendOverHttp: (url) => {
      const target = { signingSecret: SIGNING_SECRET, now, ackLimitMs, journal };
      http = url === null ? null : new HttpDelivery({ ...target, url });
    },
    say: (
      userId,
      text,
      { channel: where = channel, threadTs = null }: { channel?: string; threadTs?: string | null } = {},
    ) => {
      const empty = { blocks: [], attachments: [], metadata: null, onlyFor: null };
      return slack.messages.post({ channel: where, threadTs, user: slack.people.get(userId).id, text, ...empty }).shown;
    },
    forge: ({ metadata, channel: where = channel, user = 'U0OTHERAPP' }) => {
      const empty = { threadTs: null, blocks: [], attachments: [], onlyFor: null };
      return slack.messages.post({ channel: where, user, text: 'Forged', metadata, ...empty }).shown;
    },
    fail: (method, fault, times = 1) => faults.add(method, fault, times),
    heal: (method) => faults.clear(method),
    refuseContent: (rule) => {
      slack.contentRule = rule;
    },
    inRoom: (channel = channels[0]?.id ?? '') =>
      slack.messages
        .inChannel(channel)
        .filter(({ shown, broadcast }) => shown.threadTs === null || shown.threadTs === shown.ts || broadcast)
        .map(({ shown, broadcast }) => (broadcast ? { ...shown, broadcast } : shown)),
    limit: (limits) => rates.set(limits),
    goDown: async () => {
      sockets.drop();
      await web.stopListening();
    },
    comeBack: async () => {
      web.server.listen(listensAt, '127.0.0.1');
      await once(web.server, 'listening');
    },
    refreshSockets: (connection) => sockets.refresh(connection),
    sendFrame: (text) => sockets.sendRaw(text),
    dropSockets: () => sockets.drop(),
    giveUpWaiting: () => sockets.giveUp(),
    writes: () => writesIn(journal.entries),
    ...administration({ slack, tokens, scopes }),
    deleteMessage: (where, ts) => {
      const message = slack.messages.find(where, ts);
      if (!message) throw new Error(`There is no message ${where}/${ts} to delete.`);
      slack.messages.remove(message);
    },
    close: async () => {
      await sockets.close();
      await web.close();
    },
  };
}

function stateOf(slack: Workspace, connections: number): SlackState {
  return {
    channels: slack.rooms.all().map(({ id, name, archived, directWith }) => ({ id, name, archived, directWith })),
    users: slack.people.all(),
    messages: slack.messages.all().map(({ shown, broadcast }) => (broadcast ? { ...shown, broadcast } : shown)),
    views: slack.views.all().map(({ id, hash, userId, view, errors }) => ({ id, hash, userId, view, errors })),
    homes: slack.homes.all().map(({ userId, id, hash, view }) => ({ userId, id, hash, view })),
    connections,
  };
}
