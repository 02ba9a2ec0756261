import type { Delivery } from '../../../core/ports/ports.ts';
import { awaitKey, BACKEND } from '../pause/pause.ts';
import type { Frame } from '../wire/frames.ts';
import { isRecord } from '../wire/json-body.ts';

const completions = new Set(['tool_complete', 'agent_tool_complete']);
/** None of these comes between an await and the end of the stream that announced it. */
const progress = new Set(
  `execution_start execution_complete execution_error agent_start agent_complete flow_start flow_complete flow_error
  turn_start text_start text_delta agent_turn_start agent_turn_delta`.split(/\s+/),
);

/**
 * The awaits of a run whose rows are read again, until what follows shows that they were answered: nothing on the wire
 * says so by itself, as `approval_complete` does of an approval.
 */
export class AnsweredMeanwhile {
  readonly #asked = new Set<string>();

  ask(key: string): void {
    this.#asked.add(key);
  }

  /** The keys that this event shows to be over. */
  see(type: string, frame: Frame, executionId: string | null): string[] {
    if (this.#asked.size === 0) return [];
    const over = completions.has(type)
      ? this.#completed(frame, executionId)
      : progress.has(type)
        ? [...this.#asked]
        : [];
    for (const key of over) this.#asked.delete(key);
    return over;
  }

  #completed(frame: Frame, executionId: string | null): string[] {
    const event = frame.json();
    const call = isRecord(event) ? event['toolCallId'] : null;
    const key = typeof call === 'string' && executionId !== null ? awaitKey(executionId, call) : null;
    return key !== null && this.#asked.has(key) ? [key] : [];
  }
}

export function answeredThere(key: string): Delivery {
  return { type: 'resolved', backend: BACKEND, key, verdict: null, words: 'It was answered at Runtype.' };
}
