/**
 * What the doctor can look at, and what it finds. An adapter says what can be looked at in its system; `src/doctor/` runs
 * that with limits. Nothing here changes anything, anywhere. Tested in test/doctor/run.test.ts.
 */
import type { Reviewer } from '../../policy/reviewers.ts';

/**
 * - `fault`: something does not work, or will not after the next start.
 * - `warning`: it works, but does less than somebody may think, or will soon be a fault.
 */
export type Level = 'fault' | 'warning';

/** What one look found. Each text is for people, and none has a secret in it. */
export interface Found {
  level: Level;
  /** What is wrong, as a sentence. */
  what: string;
  /** What to do about it, as a sentence. */
  remedy: string;
  /** The setting, file, rule or room that it is about. Absent: the title of its checkup says enough. */
  where?: string;
}

/** `check`: the name of the checkup that found it. */
export interface Finding extends Found {
  check: string;
}

/** What nothing that only reads can tell, so that a person has to look. */
export interface Untold {
  /** As a sentence. */
  what: string;
  /** How a person finds out, as a sentence. */
  remedy: string;
}

/** One thing that can be looked at. */
export interface Checkup {
  /** For programs, and never changed: `slack.rooms`. */
  check: string;
  /** What is fine where nothing is found, for people: `the channels for cards`. */
  title: string;
  /** Of its subject. Not a finding: it is so in a sound set-up, too. Absent: nothing. */
  untold?: readonly Untold[];
  /** For a look that makes many calls, ms; default: `LOOK_MS` of `src/doctor/run.ts`. */
  limitMs?: number;
  /**
   * Calls only what reads, and needs no `start` of its adapter. @throws where the look can't be made: the message becomes a
   * finding, so it says why
   * @returns null where there was nothing to look at, or another look of the adapter found why this one is useless: it is
   * neither a finding nor fine
   */
  look(signal: AbortSignal): Promise<readonly Found[] | null>;
}

/** A room that the settings or the policy name. */
export interface WantedRoom {
  room: string;
  /** What is posted there. */
  for: readonly ('cards' | 'alerts')[];
  /** For people: `SLACK_CHANNEL`, `ALERTS`, `countersign.yml, rule refunds`. */
  where: string;
}

/** Somebody whom the settings or the policy name. */
export interface WantedPerson extends Pick<Reviewer, 'kind' | 'id'> {
  /** They may decide something. */
  decides: boolean;
  /** They get cards by direct message. */
  direct: boolean;
  /** As in `WantedRoom`. */
  where: string;
}

/** Who decides by one rule, and where. Without those who get its cards by direct message. */
export interface WantedRule {
  /** As in `WantedRoom`. */
  where: string;
  rooms: readonly string[];
  deciders: readonly Pick<Reviewer, 'kind' | 'id'>[];
}

/** What a bot with these settings needs of one platform. Each room and each person is there once. */
export interface Wanted {
  rooms: readonly WantedRoom[];
  people: readonly WantedPerson[];
  /** Those that post cards there, and leave the decision to somebody there. */
  rules: readonly WantedRule[];
}
