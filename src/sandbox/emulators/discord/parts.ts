import type { Journal } from '../shared/journal.ts';
import type { BodyChecks } from './checks/body.ts';
import type { Gateway } from './gateway/server.ts';
import type { Guild } from './guild/guild.ts';
import type { InteractionsEndpoint } from './interactions/endpoint.ts';
import type { Interactions } from './interactions/interactions.ts';
import type { DiscordEntry } from './types.ts';
import type { ApiObjects } from './wire/api-objects.ts';

/** The parts of one emulator, for those that need several of them. */
export interface Parts {
  readonly guild: Guild;
  readonly objects: ApiObjects;
  readonly gateway: Gateway;
  readonly interactions: Interactions;
  readonly endpoint: InteractionsEndpoint;
  readonly checks: BodyChecks;
  readonly journal: Journal<DiscordEntry>;
  /** `http://127.0.0.1:PORT`, known once the server listens. */
  origin: string;
}
