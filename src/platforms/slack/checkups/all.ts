/**
 * What the doctor looks at in Slack. Where the token does not work, only `slack.token` says so.
 * Tested in test/platforms/slack/checkups/all.test.ts.
 */
import type { FetchFunction, WebClient } from '@slack/web-api';
import { skewFound } from '../../../core/ports/doctor/clock-skew.ts';
import { firstOf } from '../../../core/ports/doctor/first-of.ts';
import type { Checkup, Clock, Found, Untold, Wanted } from '../../../core/ports/ports.ts';
import { inspectChannel } from '../api/inspect-channel.ts';
import { slackRoom } from '../api/room.ts';
import type { SlackDelivery } from '../settings.ts';
import { appTokenFound, type SeenRequests, signingFound, tokenFound } from './credentials.ts';
import { type Dated, datedFetch, LookUps } from './look-ups.ts';
import { groupsFound, peopleFound, readersFound } from './people.ts';
import { scopesFound } from './scopes.ts';

/** For looks with a call for each room or person: some dozens of calls. */
const MANY_MS = 60_000;
/** Rooms that are looked at, and people. Slack allows fifty such calls a minute, which the bot's own look-ups share. */
const EACH_MAX = 40;

export interface CheckupOptions {
  botToken: string;
  delivery: SlackDelivery;
  apiUrl: string;
  hasProxy: boolean;
  /** A client with its own copy of the options. */
  clientOf: (token: string, fetch: FetchFunction) => WebClient;
  fetch: FetchFunction;
  /** Whether presses arrive by Socket Mode now, or what has come over HTTP since the start. */
  arriving: () => boolean | SeenRequests;
  clock: Clock;
  lifetime: AbortSignal;
}

export function slackCheckups(options: CheckupOptions, all: Wanted): Checkup[] {
  const { botToken, apiUrl, hasProxy, clock, lifetime } = options;
  const asked = { title: 'Slack', url: apiUrl, urlSetting: 'SLACK_API_URL', hasProxy };
  let first: Dated | null = null;
  const fetch = datedFetch(options.fetch, clock, (dated) => {
    first ??= dated;
  });
  const client = options.clientOf(botToken, fetch);
  const lookUps = new LookUps(client, lifetime);
  const channelOf = (room: string) => slackRoom(room).channel;
  const { wanted, untold } = firstOf(all, { max: EACH_MAX, title: 'Slack', channelOf });
  const ifKnown = (look: Checkup['look']): Checkup['look'] => {
    return async (signal) => ((await lookUps.self()).type === 'known' ? look(signal) : null);
  };

  return [
    {
      check: 'slack.token',
      title: 'it answers, and takes SLACK_BOT_TOKEN',
      untold: [...untoldOf(all), ...untold],
      look: () => tokenFound(lookUps, asked),
    },
    deliveryCheckup(options, { lookUps, client, fetch }),
    {
      check: 'slack.clock',
      title: 'its clock and this machine’s agree',
      look: ifKnown(async () =>
        first === null ? null : skewFound(first.date, first.askedAt, first.answeredAt, 'Slack'),
      ),
    },
    {
      check: 'slack.scopes',
      title: 'the token has the scopes of manifest.yml, and no others',
      async look() {
        const self = await lookUps.self();
        return self.type === 'known' ? scopesFound(self.scopes, wanted) : null;
      },
    },
    {
      check: 'slack.rooms',
      title: 'the channels exist, and the bot is in them and may post',
      limitMs: MANY_MS,
      look: ifKnown((signal) => roomsFound(client, lookUps, { wanted, signal })),
    },
    {
      check: 'slack.groups',
      title: 'the user groups exist, are enabled and have members',
      look: () => groupsFound(lookUps, wanted),
    },
    {
      check: 'slack.people',
      title: 'everyone who is named exists, is active and can press',
      limitMs: MANY_MS,
      look: () => peopleFound(lookUps, wanted),
    },
    {
      check: 'slack.readers',
      title: 'who decides reads a channel that gets the cards',
      limitMs: MANY_MS,
      look: () => readersFound(lookUps, wanted),
    },
  ];
}

function deliveryCheckup(
  { delivery, clientOf, arriving }: CheckupOptions,
  { lookUps, client, fetch }: { lookUps: LookUps; client: WebClient; fetch: FetchFunction },
): Checkup {
  if (delivery.kind === 'socket') {
    const { appToken } = delivery;
    return {
      check: 'slack.app_token',
      title: 'SLACK_APP_TOKEN opens connections, and is of the same app',
      // A connection that is open says as much, and the number of such calls is limited.
      look: async () =>
        arriving() === true ? [] : appTokenFound({ appToken, appClient: clientOf(appToken, fetch), client }, lookUps),
    };
  }
  const seen = () => {
    const requests = arriving();
    return typeof requests === 'object' ? requests : { signed: 0, refused: 0 };
  };
  const unsure = {
    what: 'Slack has no call that tells whether SLACK_SIGNING_SECRET is the app’s, or whether it reaches this server.',
    remedy: 'Press a button while the bot runs: a wrong secret is answered with 401, which the log has.',
  };
  return {
    check: 'slack.signing_secret',
    title: 'no request came with a wrong signature only',
    untold: seen().signed > 0 ? [] : [unsure],
    look: async () => signingFound(seen()),
  };
}

async function roomsFound(
  client: WebClient,
  lookUps: LookUps,
  { wanted, signal }: { wanted: Wanted; signal: AbortSignal },
): Promise<Found[] | null> {
  const found: Found[] = [];
  const canLook = await Promise.all(['channels:read', 'groups:read'].map((scope) => lookUps.may(scope)));
  // What the missing scope costs is a finding already.
  if (canLook.includes(false)) return null;
  for (const { room, where } of wanted.rooms) {
    for (const { what, remedy, closed } of await inspectChannel(client, room, signal, (id) => lookUps.channel(id))) {
      found.push({ level: closed ? 'fault' : 'warning', what, remedy, where });
    }
  }
  return found;
}

function untoldOf({ people }: Wanted): Untold[] {
  return [
    {
      what: 'A bot’s token can’t read whether interactivity, the home tab and the slash commands are set up in the app.',
      remedy: 'Compare “App Manifest” of the Slack app with manifest.yml, or type /approvals and press a button.',
    },
    ...(people.some(({ direct }) => direct)
      ? [
          {
            what: 'Slack does not say whether the Messages tab is on, without which it refuses direct messages.',
            remedy: 'Look under “App Home” → “Messages Tab” of the Slack app.',
          },
        ]
      : []),
  ];
}
