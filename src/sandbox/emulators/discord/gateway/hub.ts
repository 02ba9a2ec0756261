import type { Journal } from '../../shared/journal.ts';
import type { BodyChecks } from '../checks/body.ts';
import type { Interactions } from '../interactions/interactions.ts';
import type { DiscordEntry } from '../types.ts';
import type { Wire } from '../wire/objects.ts';
import type { World } from '../world/world.ts';
import type { Gateway } from './server.ts';

/** The parts of one emulator, for those that need several of them. */
export interface Hub {
  readonly world: World;
  readonly wire: Wire;
  readonly gateway: Gateway;
  readonly interactions: Interactions;
  readonly checks: BodyChecks;
  readonly journal: Journal<DiscordEntry>;
  /** `http://127.0.0.1:PORT`, known once the server listens. */
  origin: string;
}
