/** Rooms that take no cards. Tested in test/engine/outbox/rooms/room-pauses.test.ts. */
import type { Place } from '../../../core/approval/parts/slot.ts';
import type { RoomSelector } from '../../../core/ports/ports.ts';

/**
 * A closed room is probed this often with one card: soon after a person has fixed it, and far below Discord's limit of
 * 10,000 refused requests in ten minutes.
 */
const PROBE_MS = 5 * 60_000;

interface ClosedRoom {
  rooms: RoomSelector;
  /** On the monotonic clock. */
  probeAt: number;
  /** One card may be tried. */
  pass: boolean;
}

/** Rooms, or whole platforms, that refuse every card until a person fixes that. */
export class CircuitBreaker {
  readonly #closed = new Map<string, ClosedRoom>();

  /** @returns whether it was open before */
  close(rooms: RoomSelector, now: number): boolean {
    const name = nameOf(rooms);
    const wasOpen = !this.#closed.has(name);
    this.#closed.set(name, { rooms, probeAt: now + PROBE_MS, pass: false });
    return wasOpen;
  }

  /** @returns the room and the platform of this place, as far as they were closed */
  open(place: Place): RoomSelector[] {
    return [place.platform, nameOf(place)].flatMap((name) => {
      const found = this.#closed.get(name);
      this.#closed.delete(name);
      return found === undefined ? [] : [found.rooms];
    });
  }

  /** Lets one card through after each probe. */
  refuses(place: Place): boolean {
    const found = this.#closed.get(place.platform) ?? this.#closed.get(nameOf(place));
    if (found === undefined) return false;
    const { pass } = found;
    found.pass = false;
    return !pass;
  }

  toProbe(now: number): RoomSelector[] {
    const due = [...this.#closed.values()].filter(({ probeAt }) => probeAt <= now);
    for (const one of due) Object.assign(one, { probeAt: now + PROBE_MS, pass: true });
    return due.map(({ rooms }) => rooms);
  }

  get probeTimes(): number[] {
    return [...this.#closed.values()].map(({ probeAt }) => probeAt);
  }
}

export function nameOf({ platform, room }: RoomSelector | Place): string {
  return room === null ? platform : `${platform}:${room}`;
}
