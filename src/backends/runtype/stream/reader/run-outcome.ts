import type { Delivery } from '../../../../core/ports/ports.ts';
import { BACKEND } from '../../pause/pause.ts';
import type { RunEnd } from '../../wire/execution-record.ts';
import { bounded, OutputText } from '../../wire/output-text.ts';

/** `paused`: people can answer all of it from here. `unanswerable`: it is paused, and they can't answer all of it. */
export type RunState = 'running' | 'paused' | 'unanswerable' | 'ended';

/** What a stream says about how its run ended. */
export class RunOutcome {
  readonly output = new OutputText();
  /** Of the closing frame, or of the run's record; null: neither was read. */
  end: RunEnd | null = null;
  #stepError: string | null = null;
  #isByRecord = false;

  /** What was read of the output is not all of it. */
  recorded(end: RunEnd): void {
    this.end = end;
    this.#isByRecord = true;
  }

  step(text: string | null, error: string | null): void {
    this.output.step(text);
    this.#stepError = error ?? this.#stepError;
  }

  delivery(runId: string, state: RunState, name: string | null): Delivery {
    const run = { backend: BACKEND, runId };
    if (this.end !== null) {
      const { ok, text } = this.end;
      const said = () => (ok ? null : this.#stepError) ?? this.output.value();
      const result = text ?? (this.#isByRecord ? null : said());
      return { type: 'run_ended', ...run, state: ok ? 'completed' : 'failed', text: result && bounded(result) };
    }
    return state === 'running'
      ? { type: 'run_ended', ...run, state: 'lost', text: this.output.value(), ...(name !== null && { name }) }
      : { type: 'run_paused', ...run };
  }
}
