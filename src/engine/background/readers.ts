/**
 * Which approvals a person can read, by their audience: those with a card in a room that they can read now, or in their own direct messages.
 * What can't be checked is not shown. Tested in test/engine/background/readers.test.ts.
 */
import type { Place } from '../../core/approval/parts/slot.ts';
import type { Person } from '../../core/approval/person.ts';
import { directTo } from '../../core/policy/direct-messages.ts';
import { coerceError } from '../../core/ports/errors.ts';
import type { Clock, Log, Platform } from '../../core/ports/ports.ts';
import type { AudienceCount } from '../../core/view/lists/audience.ts';

/** How long a list waits for a check, ms: its answer is due in three seconds. The check goes on, for the next list. */
const WAIT_MS = 1_000;
/** Time limit of a check, ms. */
const CHECK_MS = 10_000;
/** Rooms that are checked for one list. Cards go to one room of a platform, and to direct messages. */
const ROOMS_MAX = 20;

/** `hidden`: how many are in rooms that they can't read. `unchecked`: of how many that is not known. */
export interface Readable {
  readable: readonly AudienceCount[];
  hidden: number;
  unchecked: number;
}

export interface Readers {
  readableBy(who: Person, audiences: readonly AudienceCount[]): Promise<Readable>;
}

type Answer = 'yes' | 'no' | 'unknown';

export function createReaders(options: {
  platforms: ReadonlyMap<string, Pick<Platform, 'canRead'>>;
  clock: Clock;
  log: Log;
}): Readers {
  const { platforms, clock, log } = options;

  async function ask(who: Person, room: string): Promise<Answer> {
    const { platform, id: actor } = who.actor;
    try {
      const canRead = await platforms.get(platform)?.canRead(who, room, AbortSignal.timeout(CHECK_MS));
      return canRead === undefined ? 'unknown' : canRead ? 'yes' : 'no';
    } catch (thrown) {
      log.warn({ platform, actor, room, err: coerceError(thrown) }, 'who can read a channel could not be checked');
      return 'unknown';
    }
  }

  async function inTime(who: Person, room: string): Promise<Answer> {
    const done = new AbortController();
    const late = clock.sleep(WAIT_MS, done.signal).then(
      (): Answer => 'unknown',
      (): Answer => 'unknown',
    );
    const answer = await Promise.race([ask(who, room), late]);
    done.abort();
    return answer;
  }

  return {
    async readableBy(who, audiences) {
      const rooms = [...new Set(audiences.flatMap((one) => roomsOf(one, who)))];
      const known = new Map<string, Answer>();
      const check = async (room: string) => known.set(room, await inTime(who, room));
      await Promise.all(rooms.slice(0, ROOMS_MAX).map(check));
      const answers = audiences.map((one) => ({ one, answer: answerFor(one, who, known) }));
      const having = (wanted: Answer) => answers.flatMap(({ one, answer }) => (answer === wanted ? [one] : []));
      return { readable: having('yes'), hidden: countOf(having('no')), unchecked: countOf(having('unknown')) };
    },
  };
}

function countOf(audiences: readonly AudienceCount[]): number {
  return audiences.reduce((sum, { count }) => sum + count, 0);
}

/** The places of its cards on this person's platform. */
function placesOf({ audience }: AudienceCount, { actor }: Person): readonly Place[] {
  return audience.cards.filter(({ platform }) => platform === actor.platform);
}

function roomsOf(one: AudienceCount, who: Person): string[] {
  const places = placesOf(one, who);
  return places.some((place) => directTo(place) === who.actor.id)
    ? []
    : places.filter((place) => directTo(place) === null).map(({ room }) => room);
}

function answerFor(one: AudienceCount, who: Person, known: ReadonlyMap<string, Answer>): Answer {
  if (placesOf(one, who).some((place) => directTo(place) === who.actor.id)) return 'yes';
  const answers = roomsOf(one, who).map((room) => known.get(room) ?? 'unknown');
  if (answers.includes('yes')) return 'yes';
  return answers.includes('unknown') ? 'unknown' : 'no';
}
