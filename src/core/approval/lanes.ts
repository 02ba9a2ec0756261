/**
 * A lane runs one job at a time. A room has three, because its platform counts new messages and edits apart, and so that a
 * card that was pressed never waits behind new cards or behind a post that hangs.
 */
import { type Place, parsePlaceKey, placeKey } from './approval.ts';

export type Lane =
  /** `post`: new messages. `edit`: cards that were pressed or that ask something new. `renew`: all other edits. */
  | { kind: 'post' | 'edit' | 'renew'; place: Place }
  /** One decision of a run at a time: a second resume that races the first leaves its calls unanswered. */
  | { kind: 'run'; backend: string; runId: string }
  /** One timer of an approval. */
  | { kind: 'wake'; id: string };

/** The lane as the store keeps it, such as `post:slack:C0123`. */
export function laneText(lane: Lane): string {
  if (lane.kind === 'run') return `run:${lane.backend}:${lane.runId}`;
  return `${lane.kind}:${lane.kind === 'wake' ? lane.id : placeKey(lane.place)}`;
}

/** @throws Error when `laneText` did not write this */
export function parseLane(text: string): Lane {
  const [, kind, rest = ''] = /^(post|edit|renew|run|wake):(.*)$/s.exec(text) ?? [];
  switch (kind) {
    case 'post':
    case 'edit':
    case 'renew':
      return { kind, place: parsePlaceKey(rest) };
    case 'run': {
      const at = rest.indexOf(':');
      return { kind, backend: rest.slice(0, at), runId: rest.slice(at + 1) };
    }
    case 'wake':
      return { kind, id: rest };
    default:
      throw new Error(`"${text}" is not a valid lane.`);
  }
}
