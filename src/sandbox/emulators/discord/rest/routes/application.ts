import type { Guild } from '../../guild/guild.ts';
import type { Parts } from '../../parts.ts';
import type { DiscordApplicationSettings, Json } from '../../types.ts';
import { guildObject, roleObjects } from '../../wire/guild-objects.ts';
import { asText, isJson } from '../../wire/json.ts';
import { refuse, refuseForm } from '../refusal.ts';
import { created, ok, type RestRequest, type Route } from '../route.ts';

const CHAT_INPUT = 1;
const DAY_MS = 86_400_000;

/** Routes for the bot's identity, the gateway's address, the guild's members and the bot's commands. */
export function applicationRoutes(parts: Parts): Route[] {
  const { guild, objects, gateway } = parts;
  const me = () =>
    ok({ ...objects.user(guild.botUserId), verified: true, mfa_enabled: true, email: null, locale: 'en-US' });
  const application = () => ok(applicationObject(parts));
  return [
    { method: 'GET', pattern: '/gateway', open: true, handle: () => ok({ url: gateway.url }) },
    {
      method: 'GET',
      pattern: '/gateway/bot',
      handle: () => {
        const limit = { total: 1000, remaining: gateway.sessionsLeft, reset_after: DAY_MS, max_concurrency: 1 };
        return ok({ url: gateway.url, shards: 1, session_start_limit: limit });
      },
    },
    { method: 'GET', pattern: '/users/@me', handle: me },
    { method: 'GET', pattern: '/users/@me/guilds', handle: () => ok(guild.isLeft ? [] : [partialGuild(guild)]) },
    {
      method: 'GET',
      pattern: '/users/:user',
      handle: ({ params }) => ok(objects.user(known(parts, params['user'], 10013))),
    },
    { method: 'GET', pattern: '/applications/@me', handle: application },
    { method: 'GET', pattern: '/oauth2/applications/@me', handle: application },
    ...guildRoutes(parts),
    ...commandRoutes(parts),
  ];
}

/** One of the bot's list: fewer fields than the guild itself. */
function partialGuild({ id, name, permissions }: Guild): Json {
  return { id, name, icon: null, banner: null, owner: false, permissions, features: [] };
}

function applicationObject({ guild, objects }: Parts): Json {
  const id = guild.applicationId;
  const none = { icon: null, owner: null, team: null, install_params: null };
  return {
    id,
    name: 'Countersign',
    description: '',
    bot_public: false,
    bot: objects.user(id),
    flags: intentFlags(guild.application.intents ?? []),
    interactions_endpoint_url: guild.application.interactionsEndpointUrl ?? null,
    verify_key: guild.publicKey,
    ...none,
  };
}

/** Of an application in fewer than 100 guilds, which switches them on itself. */
function intentFlags(intents: NonNullable<DiscordApplicationSettings['intents']>): number {
  const bits = { presence: 1 << 13, members: 1 << 15, content: 1 << 19 };
  return intents.reduce((flags, intent) => flags | bits[intent], 0);
}

function guildRoutes(parts: Parts): Route[] {
  const { guild, objects } = parts;
  const inGuild = (id: string | undefined) => {
    if (id !== guild.id || guild.isLeft) throw refuse(10004);
  };
  const route = (pattern: string, handle: (params: Record<string, string>) => unknown): Route => ({
    method: 'GET',
    pattern,
    handle: ({ params }) => {
      inGuild(params['guild']);
      return ok(handle(params));
    },
  });
  return [
    route('/guilds/:guild', () => guildObject(guild)),
    route('/guilds/:guild/roles', () => roleObjects(guild)),
    route('/guilds/:guild/roles/member-counts', () => memberCounts(guild)),
    route('/guilds/:guild/channels', () => objects.guildCreate()['channels']),
    route('/guilds/:guild/members', () => {
      // The complete list needs the privileged members intent.
      if (!guild.application.intents?.includes('members')) throw refuse(50001);
      return [...guild.users.keys()].map((id) => objects.member(id));
    }),
    route('/guilds/:guild/members/:member', (params) => objects.member(known(parts, params['member'], 10007))),
  ];
}

/** Without @everyone; a role that no one has is listed, too (assumed). */
function memberCounts(guild: Guild): Json {
  const users = [...guild.users.values()];
  return Object.fromEntries(
    [...guild.roles().keys()].map((role) => [role, users.filter(({ roles }) => roles.includes(role)).length]),
  );
}

function known({ guild }: Parts, id: string | undefined, code: number): string {
  if (id === undefined || (id !== guild.botUserId && !guild.users.has(id))) throw refuse(code);
  return id;
}

/** Global commands and a guild's are separate lists (`guild_id`); setting one does not change the other. */
function commandRoutes(parts: Parts): Route[] {
  const { guild } = parts;
  const listed = (guildId: string | undefined) =>
    [...guild.commands.values()].filter((command) => command['guild_id'] === guildId);
  return ['/applications/:application/commands', '/applications/:application/guilds/:guild/commands'].flatMap(
    (pattern) => {
      const route = (method: string, handle: Route['handle']): Route => ({
        method,
        pattern,
        handle: (request) => {
          const { application, guild: guildId } = request.params;
          if (application !== guild.applicationId) throw refuse(50001);
          const isOpen = guildId === undefined || (guildId === guild.id && !guild.isLeft && guild.hasCommandScope);
          if (!isOpen) throw refuse(50001);
          return handle(request);
        },
      });
      return [
        route('GET', ({ params }) => ok(listed(params['guild']))),
        route('POST', ({ params, body }) => {
          parts.checks.command(body);
          const before = listed(params['guild']).some((command) => command['name'] === body['name']);
          const command = addCommand(parts, params['guild'], body);
          return before ? ok(command) : created(command);
        }),
        route('PUT', (request) => {
          checkList(parts, request);
          const { guild: guildId } = request.params;
          const names = request.list.map((command) => asText((command as Json)['name']));
          for (const old of listed(guildId)) {
            if (!names.includes(asText(old['name']))) guild.commands.delete(asText(old['id']));
          }
          return ok(request.list.map((command) => addCommand(parts, guildId, command as Json)));
        }),
      ];
    },
  );
}

function checkList({ checks }: Parts, { list }: RestRequest): void {
  const seen = new Set<unknown>();
  for (const [index, command] of list.entries()) {
    if (!isJson(command))
      throw refuseForm([
        { path: [index], code: 'DICT_TYPE_CONVERT', message: 'Only dictionaries may be used in a DictType' },
      ]);
    checks.command(command, [index]);
    if (seen.has(command['name'])) {
      const message = 'Application command names must be unique';
      throw refuseForm([{ path: [index, 'name'], code: 'APPLICATION_COMMANDS_DUPLICATE_NAME', message }]);
    }
    seen.add(command['name']);
  }
}

/** A command with an unchanged name keeps its id. */
function addCommand({ guild }: Parts, guildId: string | undefined, body: Json): Json {
  const same = [...guild.commands.values()].find(
    (command) => command['guild_id'] === guildId && command['name'] === body['name'],
  );
  const command: Json = {
    type: CHAT_INPUT,
    description: '',
    default_member_permissions: null,
    nsfw: false,
    options: [],
    ...body,
    id: same?.['id'] ?? guild.nextId(),
    application_id: guild.applicationId,
    version: guild.nextId(),
    ...(guildId === undefined ? {} : { guild_id: guildId }),
  };
  guild.commands.set(asText(command['id']), command);
  return command;
}
