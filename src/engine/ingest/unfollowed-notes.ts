/** Notes in the rooms about what can have no card. Tested in test/engine/ingest/unfollowed-notes.test.ts. */
import type { SaidVia } from '../../core/approval/inputs.ts';
import type { Pause } from '../../core/approval/pause/pause.ts';
import type { UnfollowedReason } from '../../core/approval/unfollowed.ts';
import type { Policy } from '../../core/policy/rules/policy.ts';
import type { Clock, Log } from '../../core/ports/ports.ts';
import { clip } from '../../core/text/clip.ts';
import type { Apply } from '../apply.ts';

/** A room gets at most so many notes of its own per backend and hour; what is more is counted on one note per reason. */
export const NOTES_MAX = 10;
const HOUR_MS = 3_600_000;
const NAME_MAX = 200;

export interface Unfollowed {
  backend: string;
  /** Null: it is not known. */
  runId: string | null;
  reason: UnfollowedReason;
  /** The tool or the agent; null: it is not known. */
  name: string | null;
  /** Signed ingest says it: its notes count for themselves, and are in no thread of our own. */
  via?: SaidVia;
}

interface NotesDeps {
  apply: Apply;
  policy: Pick<Policy, 'places'>;
  clock: Clock;
  log: Log;
}

/** @returns records one, once per run and reason; rejects when nothing was recorded */
export function createUnfollowedNotes({
  apply,
  policy,
  clock,
  log,
}: NotesDeps): (unfollowed: Unfollowed) => Promise<void> {
  /** The notes of this hour, by backend. A restart counts from zero. */
  const recent = new Map<string, { hour: number; keys: Set<string> }>();

  /** The note of its own, or the collective one, which counts the rest of this hour. */
  function noteFor({ backend, runId, reason, name, via }: Unfollowed): { key: string; isCollective: boolean } {
    const hour = Math.floor(clock.now() / HOUR_MS);
    const about = runId === null ? `hour ${hour} ${name ?? ''}` : `run ${runId}`;
    const said = via === undefined ? '' : ` ${via}`;
    const own = `unfollowed${said} ${reason} ${clock.hash(about)}`;
    const teller = `${backend}${said}`;
    const last = recent.get(teller);
    const known = last?.hour === hour ? last : { hour, keys: new Set<string>() };
    recent.set(teller, known);
    if (!known.keys.has(own) && known.keys.size >= NOTES_MAX)
      return { key: `unfollowed${said} ${reason} more in hour ${hour}`, isCollective: true };
    known.keys.add(own);
    return { key: own, isCollective: false };
  }

  return async (unfollowed) => {
    const { backend, runId, reason, name, via } = unfollowed;
    const { key, isCollective } = noteFor(unfollowed);
    const pause: Pause = {
      backend,
      key,
      kind: 'note',
      groupId: key,
      runId: runId === null || isCollective ? key : runId,
      tool: isCollective ? '' : clip(name ?? '', NAME_MAX),
      description: null,
      asker: null,
      reason: null,
      parameters: {},
      hidden: [],
      actions: [],
      deadline: null,
      wire: {},
    };
    // Not in the way of any approval, whatever a backend chooses as its key.
    const id = clock.hash(`note\n${backend}\n${key}`);
    // A run is reported once per reason, also by the note that only counts.
    const inputId =
      runId === null ? null : clock.hash(`note\n${backend}\n${reason}\n${runId}${via === undefined ? '' : `\n${via}`}`);
    const input = {
      type: 'noted',
      id,
      pause,
      why: reason,
      fingerprint: id,
      places: policy.places(pause),
      via,
    } as const;
    const changed = await apply(id, input, inputId);
    if (!changed.duplicate) log.warn({ backend, run: runId, reason, name }, 'a run or pause can have no card');
  };
}
