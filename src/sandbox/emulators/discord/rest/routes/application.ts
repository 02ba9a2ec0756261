import type { Hub } from '../../gateway/hub.ts';
import type { Json } from '../../types.ts';
import { guildObject, roleObjects } from '../../wire/guild.ts';
import { asText, isJson } from '../../wire/json.ts';
import { refuse, refuseForm } from '../refusal.ts';
import { created, ok, type RestRequest, type Route } from '../route.ts';

const CHAT_INPUT = 1;
const DAY_MS = 86_400_000;

/** Who the bot is, where its gateway is, who is in the guild, and which commands it has. */
export function applicationRoutes(hub: Hub): Route[] {
  const { world, wire, gateway } = hub;
  const me = () =>
    ok({ ...wire.user(world.botUserId), verified: true, mfa_enabled: true, email: null, locale: 'en-US' });
  const application = () => ok(applicationObject(hub));
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
    {
      method: 'GET',
      pattern: '/users/:user',
      handle: ({ params }) => ok(wire.user(known(hub, params['user'], 10013))),
    },
    { method: 'GET', pattern: '/applications/@me', handle: application },
    { method: 'GET', pattern: '/oauth2/applications/@me', handle: application },
    ...guildRoutes(hub),
    ...commandRoutes(hub),
  ];
}

function applicationObject({ world, wire }: Hub): Json {
  const id = world.applicationId;
  const none = { icon: null, owner: null, team: null, install_params: null };
  return {
    id,
    name: 'Countersign',
    description: '',
    bot_public: false,
    bot: wire.user(id),
    flags: 0,
    verify_key: '',
    ...none,
  };
}

function guildRoutes(hub: Hub): Route[] {
  const { world, wire } = hub;
  const inGuild = (id: string | undefined) => {
    if (id !== world.guild.id) throw refuse(10004);
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
    route('/guilds/:guild', () => guildObject(world)),
    route('/guilds/:guild/roles', () => roleObjects(world)),
    route('/guilds/:guild/channels', () => wire.guildCreate()['channels']),
    route('/guilds/:guild/members', () => {
      // The whole list takes the privileged members intent, which this application has not been granted.
      throw refuse(50001);
    }),
    route('/guilds/:guild/members/:member', (params) => wire.member(known(hub, params['member'], 10007))),
  ];
}

function known({ world }: Hub, id: string | undefined, code: number): string {
  if (id === undefined || (id !== world.botUserId && !world.users.has(id))) throw refuse(code);
  return id;
}

/** Global commands and a guild's are kept apart by `guild_id`; setting one list leaves the other alone. */
function commandRoutes(hub: Hub): Route[] {
  const { world } = hub;
  const listed = (guild: string | undefined) =>
    [...world.commands.values()].filter((command) => command['guild_id'] === guild);
  return ['/applications/:application/commands', '/applications/:application/guilds/:guild/commands'].flatMap(
    (pattern) => {
      const route = (method: string, handle: Route['handle']): Route => ({
        method,
        pattern,
        handle: (request) => {
          const { application, guild } = request.params;
          if (application !== world.applicationId) throw refuse(50001);
          if (guild !== undefined && guild !== world.guild.id) throw refuse(50001);
          return handle(request);
        },
      });
      return [
        route('GET', ({ params }) => ok(listed(params['guild']))),
        route('POST', ({ params, body }) => {
          hub.checks.command(body);
          const before = listed(params['guild']).some((command) => command['name'] === body['name']);
          const command = addCommand(hub, params['guild'], body);
          return before ? ok(command) : created(command);
        }),
        route('PUT', (request) => {
          checkList(hub, request);
          const { guild } = request.params;
          const names = request.list.map((command) => asText((command as Json)['name']));
          for (const old of listed(guild)) {
            if (!names.includes(asText(old['name']))) world.commands.delete(asText(old['id']));
          }
          return ok(request.list.map((command) => addCommand(hub, guild, command as Json)));
        }),
      ];
    },
  );
}

function checkList({ checks }: Hub, { list }: RestRequest): void {
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

/** A command keeps its id as long as its name stays. */
function addCommand({ world }: Hub, guild: string | undefined, body: Json): Json {
  const same = [...world.commands.values()].find(
    (command) => command['guild_id'] === guild && command['name'] === body['name'],
  );
  const command: Json = {
    type: CHAT_INPUT,
    description: '',
    default_member_permissions: null,
    nsfw: false,
    options: [],
    ...body,
    id: same?.['id'] ?? world.nextId(),
    application_id: world.applicationId,
    version: world.nextId(),
    ...(guild === undefined ? {} : { guild_id: guild }),
  };
  world.commands.set(asText(command['id']), command);
  return command;
}
