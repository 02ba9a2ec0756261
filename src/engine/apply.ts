import type { Actor } from '../core/approval/approval.ts';
import type { Ignored, Input, Step } from '../core/approval/inputs.ts';
import { step } from '../core/approval/steps/step.ts';
import type { Changed, Clock, Log, Store } from '../core/ports/ports.ts';

/**
 * Everything that changes an approval goes through here: the pure `step`, inside the one door.
 * `inputId` deduplicates; null where the input is idempotent by itself. `refused` is why somebody was told already that
 * it changes nothing: then it changes nothing, whatever has become of the state since.
 * Rejects with a StoreError when nothing was recorded.
 */
export type Apply = (
  approvalId: string,
  input: Input,
  inputId?: string | null,
  refused?: Ignored | null,
) => Promise<Changed>;

export function createApply(store: Store, clock: Clock, log: Log): Apply {
  return async (approvalId, input, inputId = null, refused = null) => {
    const startedAt = clock.monotonic();
    const actor = actorOf(input);
    const changed = await store.transact({
      approvalId,
      inputId,
      audit: { input: input.type, actor, facts: factsOf(input) },
      fn: (state): Step => {
        const next = step(state, input, clock.now());
        return refused !== null && next.ignored === undefined ? { state, effects: [], ignored: refused } : next;
      },
    });
    const { backend, runId: run } = changed.state?.pause ?? {};
    const about = { approval: approvalId, backend, run, input: input.type, platform: actor?.platform };
    log.info({ ...about, outcome: outcomeOf(changed), ms: Math.round(clock.monotonic() - startedAt) }, 'input');
    return changed;
  };
}

/** Why it changed nothing, or where the approval stands now. */
function outcomeOf(changed: Changed): string {
  if (changed.duplicate) return 'duplicate';
  return changed.ignored ?? changed.state?.outcome ?? changed.state?.phase ?? 'unknown';
}

function actorOf(input: Input): Actor | null {
  return 'actor' in input ? input.actor : null;
}

/** What the audit keeps of an input. Parameters stay out: the approval has them. */
function factsOf(input: Input): Record<string, unknown> {
  switch (input.type) {
    case 'announced':
      return { via: input.via, digest: input.digest, groupId: input.pause.groupId };
    case 'started':
      return { run: input.pause.tool, text: input.text, right: input.right };
    case 'renamed':
      return { runId: input.runId };
    case 'pressed':
      return {
        action: input.action,
        text: input.text,
        shown: input.shown,
        right: input.right,
        ...(input.confirmed === true && { confirmed: true }),
      };
    case 'retried':
      return { right: input.right };
    case 'claimed':
      return { action: input.action };
    case 'held':
      return { until: input.until, shown: input.shown, right: input.right };
    case 'sent':
      return {
        result: input.result.type,
        last: input.last,
        ...('words' in input.result && { words: input.result.words }),
      };
    case 'resolved':
      return { verdict: input.verdict, words: input.words };
    case 'cancelled':
      return { words: input.words };
    case 'continued':
      return { continuation: input.continuation.state };
    case 'posted':
    case 'unposted':
      return { slot: input.slot, receipt: input.receipt, ...(input.bundle !== undefined && { bundle: input.bundle }) };
    case 'gathered':
      return { slot: input.slot, bundle: input.bundle.id, receipt: input.receipt };
    case 'released':
      return { slot: input.slot };
    case 'absent':
      return { begunAt: input.begunAt };
    case 'unreachable':
      return { words: input.words };
    case 'waiting':
      return { others: input.others };
    case 'restored':
      return { resendable: input.resendable, listed: input.listed, waits: input.waits };
    case 'handed_back':
    case 'hold_ended':
    case 'reminder_due':
    case 'recovered':
    case 'sending':
    case 'stream_ended':
      return {};
  }
}
