/**
 * Which approvals a person can read: those with a card in a room that they can read now, or in their own direct messages.
 * What can't be checked is not shown. Tested in test/engine/background/readers.test.ts.
 */
import type { Approval } from '../../core/approval/approval.ts';
import type { Person } from '../../core/approval/person.ts';
import { directTo } from '../../core/policy/direct-messages.ts';
import { coerceError } from '../../core/ports/errors.ts';
import type { Clock, Log, Platform } from '../../core/ports/ports.ts';

/** How long a list waits for a check, ms: its answer is due in three seconds. The check goes on, for the next list. */
const WAIT_MS = 1_000;
/** Time limit of a check, ms. */
const CHECK_MS = 10_000;
/** Rooms that are checked for one list. Cards go to one room of a platform, and to direct messages. */
const ROOMS_MAX = 20;

/** `hidden`: in rooms that they can't read. `unchecked`: not known. */
export interface Readable {
  readable: readonly Approval[];
  hidden: number;
  unchecked: number;
}

export interface Readers {
  readableBy(who: Person, approvals: readonly Approval[]): Promise<Readable>;
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
    async readableBy(who, approvals) {
      const rooms = [...new Set(approvals.flatMap((one) => roomsOf(one, who)))];
      const known = new Map<string, Answer>();
      const check = async (room: string) => known.set(room, await inTime(who, room));
      await Promise.all(rooms.slice(0, ROOMS_MAX).map(check));
      const answers = approvals.map((one) => answerFor(one, who, known));
      const count = (answer: Answer) => answers.filter((one) => one === answer).length;
      const readable = approvals.filter((_, index) => answers[index] === 'yes');
      return { readable, hidden: count('no'), unchecked: count('unknown') };
    },
  };
}

/** The places of its card on this person's platform. */
function placesOf({ slots }: Approval, { actor }: Person): { room: string }[] {
  return Object.values(slots)
    .filter(({ kind, place }) => kind === 'card' && place.platform === actor.platform)
    .map(({ place }) => place);
}

function roomsOf(approval: Approval, who: Person): string[] {
  const places = placesOf(approval, who);
  return places.some((place) => directTo(place) === who.actor.id)
    ? []
    : places.filter((place) => directTo(place) === null).map(({ room }) => room);
}

function answerFor(approval: Approval, who: Person, known: ReadonlyMap<string, Answer>): Answer {
  if (placesOf(approval, who).some((place) => directTo(place) === who.actor.id)) return 'yes';
  const answers = roomsOf(approval, who).map((room) => known.get(room) ?? 'unknown');
  if (answers.includes('yes')) return 'yes';
  return answers.includes('unknown') ? 'unknown' : 'no';
}
