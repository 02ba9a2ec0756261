/**
 * The names of people whose platform sends only the handle of an account with a press, as Slack does. They are looked up
 * in the background: no press, acknowledgement or decision waits for one. Without a name, the handle is shown.
 */
import type { Actor } from '../../core/approval/parts/decision.ts';
import { coerceError } from '../../core/ports/errors.ts';
import type { Clock, Log, Platform } from '../../core/ports/ports.ts';
import type { Apply, Committed, OnCommitted } from '../apply.ts';
import { keyOf, LookUps, type PersonId } from './look-ups.ts';

/** People rarely change their names, and a name decides nothing: rights go by IDs. */
export const FRESH_MS = 24 * 60 * 60_000;
/** More people than press in a day. A name takes some hundred bytes. */
const MAX_NAMES = 5_000;
/** How long the answer counts that the platform does not know a person, or does not show their name. */
const ABSENT_MS = 60 * 60_000;
/** Limits the people who wait for a name, and the approvals of each: a platform that is down costs little memory. */
const MAX_UNNAMED = 1_000;
/** How many of those who may decide are looked up before they press: two minutes at this pace. */
const MAX_AHEAD = 200;

export interface Names {
  /** The same person, by the best name that is known. What is not known, or too old, is looked up for the next time. */
  named(actor: Actor): Actor;
  /** The name that is known now, also an old one; null: none. */
  known(person: PersonId): string | null;
  /** Resolves once nothing is left that can be looked up now. */
  paused(): Promise<void>;
  /** People who acted under a handle are renamed in their approvals once their name is known. */
  onCommitted: OnCommitted;
  /** Looks up those who may decide, in the background, so that their first press already has their name. */
  start(ahead: () => readonly PersonId[]): void;
  stop(): void;
}

interface NamesDeps {
  platforms: ReadonlyMap<string, Platform>;
  apply: Apply;
  clock: Clock;
  log: Log;
}

export function createNames({ platforms, apply, clock, log }: NamesDeps): Names {
  /** `name` null: the platform knows no such person. `until`: on the monotonic clock. */
  const known = new Map<string, { name: string | null; until: number }>();
  const lookUps = new LookUps({ platforms, clock, log, onName });
  /** By person, the approvals in which they are named by a handle. */
  const unnamed = new Map<string, Set<string>>();

  function request(person: PersonId, isUrgent: boolean): void {
    const isFresh = (known.get(keyOf(person))?.until ?? Number.NEGATIVE_INFINITY) > clock.monotonic();
    if (!isFresh && platforms.get(person.platform)?.nameOf !== undefined) lookUps.add(person, isUrgent);
  }

  async function onName(person: PersonId, name: string | null): Promise<void> {
    const key = keyOf(person);
    known.delete(key);
    known.set(key, { name, until: clock.monotonic() + (name === null ? ABSENT_MS : FRESH_MS) });
    for (const oldest of known.keys()) {
      if (known.size <= MAX_NAMES) break;
      known.delete(oldest);
    }
    const approvals = unnamed.get(key) ?? [];
    unnamed.delete(key);
    if (name !== null) for (const id of approvals) await rename(id, { ...person, name });
  }

  async function rename(approvalId: string, person: Actor): Promise<void> {
    await apply(approvalId, { type: 'named', person }).catch((error: unknown) => {
      log.warn({ approval: approvalId, err: coerceError(error) }, 'a name was not recorded; the handle is shown');
    });
  }

  function onInput({ audit: { actor }, changed }: Extract<Committed, { type: 'input' }>): void {
    if (actor === null || changed.duplicate || changed.ignored !== null || changed.state === null) return;
    if (platforms.get(actor.platform)?.nameOf === undefined) return;
    const key = keyOf(actor);
    const found = known.get(key);
    if (found !== undefined) {
      const { name } = found;
      if (name !== null && name !== actor.name) void rename(changed.state.id, { ...actor, name });
      return;
    }
    const approvals = unnamed.get(key) ?? new Set();
    if (unnamed.size < MAX_UNNAMED && approvals.size < MAX_UNNAMED) unnamed.set(key, approvals.add(changed.state.id));
    request(actor, true);
  }

  return {
    named(actor) {
      request(actor, true);
      const name = known.get(keyOf(actor))?.name ?? null;
      return name === null ? actor : { ...actor, name };
    },
    known: (person) => known.get(keyOf(person))?.name ?? null,
    paused: () => lookUps.paused(),
    onCommitted: (committed) => {
      if (committed.type === 'input') onInput(committed);
    },
    start: (ahead) => {
      void lookUps.everyRound(() => {
        for (const person of ahead().slice(0, MAX_AHEAD)) request(person, false);
      });
    },
    stop: () => lookUps.stop(),
  };
}
