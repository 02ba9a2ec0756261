/**
 * Whose press, command or home tab it is: of the bot's workspace, of another one of the same Enterprise organisation, or
 * of strangers. Tested in test/platforms/slack/inbound/organisation.test.ts and test/stories/deciding/grid.test.ts.
 *
 * From Slack's reference: `user.team_id` may be the organisation's ID (`E…`); `team.enterprise_id`, `enterprise.id` and
 * a command's `enterprise_id` name the organisation of the place. In a channel that is shared by Slack Connect, `team` is
 * the bot's own even where the person is a stranger (slackapi/java-slack-sdk#1041), so it says nothing of the person.
 */
import { z } from 'zod';

/** People whose organisation is remembered. Beyond, the oldest is forgotten and looked up again. */
const MAX_KNOWN = 5_000;

const id = z.string().nullish();
export const teamSchema = z.object({ id: z.string(), enterprise_id: id }).nullish();
export const enterpriseSchema = z.object({ id }).nullish();

/** The parts of an interaction payload that say where it comes from. */
export interface Origin {
  team?: z.infer<typeof teamSchema>;
  enterprise?: z.infer<typeof enterpriseSchema>;
  user: { id: string; team_id?: string | null | undefined };
}

/** `unknown`: it is being looked up, and nothing may be decided until then. */
export type Whose = 'own' | 'foreign' | 'unknown';

export interface HomeWorkspace {
  teamId: string;
  /** Null where the workspace belongs to no Enterprise organisation. */
  enterpriseId: string | null;
}

/** What `users.info` says of a person. */
interface KnownUser {
  team_id?: string;
  enterprise_user?: { enterprise_id?: string };
}

export class Organisation {
  readonly #home: HomeWorkspace;
  readonly #lookUp: (userId: string) => Promise<void>;
  readonly #isOwn = new Map<string, boolean>();
  readonly #asked = new Set<string>();

  /** @param lookUp calls `learn`, or fails: then the next press asks again */
  constructor(home: HomeWorkspace, lookUp: (userId: string) => Promise<void>) {
    this.#home = home;
    this.#lookUp = lookUp;
  }

  get teamId(): string {
    return this.#home.teamId;
  }

  /** Of a press or a form. */
  whose({ team, enterprise, user }: Origin): Whose {
    const { teamId, enterpriseId } = this.#home;
    const place = team?.id ?? null;
    const person = user.team_id ?? place;
    if (person === null) return 'foreign';
    if (person === teamId && (place ?? teamId) === teamId) return 'own';
    if (enterpriseId === null) return 'foreign';
    const placeOrganisation = team?.enterprise_id ?? null;
    const isOwnPlace =
      place === null || place === teamId || (placeOrganisation ?? enterprise?.id ?? null) === enterpriseId;
    if (!isOwnPlace) return 'foreign';
    if (person === teamId || person === enterpriseId) return 'own';
    if (person === place && placeOrganisation === enterpriseId) return 'own';
    // The ID of another organisation.
    if (person.startsWith('E')) return 'foreign';
    return this.#whoseUser(user.id);
  }

  /** Of a command or an event: it comes from the workspace in which the person is. */
  isOwnPlace(teamId: string | null | undefined, enterpriseId: string | null | undefined): boolean {
    const home = this.#home;
    if (teamId === home.teamId) return true;
    return home.enterpriseId !== null && (enterpriseId === home.enterpriseId || teamId === home.enterpriseId);
  }

  /** Also of those whose names are looked up, so that a listed person is known before they press. */
  learn(userId: string, user: KnownUser | undefined): void {
    const { teamId, enterpriseId } = this.#home;
    const teams = [user?.team_id, user?.enterprise_user?.enterprise_id];
    this.#isOwn.delete(userId);
    this.#isOwn.set(userId, teams.includes(teamId) || (enterpriseId !== null && teams.includes(enterpriseId)));
    const [oldest] = this.#isOwn.keys();
    if (this.#isOwn.size > MAX_KNOWN && oldest !== undefined) this.#isOwn.delete(oldest);
  }

  #whoseUser(userId: string): Whose {
    const isOwn = this.#isOwn.get(userId);
    if (isOwn !== undefined) return isOwn ? 'own' : 'foreign';
    if (!this.#asked.has(userId)) {
      this.#asked.add(userId);
      void this.#lookUp(userId).finally(() => this.#asked.delete(userId));
    }
    return 'unknown';
  }
}
