import type { Approval, Pause } from '../../core/approval/approval.ts';
import { byApplication } from '../../core/approval/steps/transitions.ts';
import type { Policy } from '../../core/policy/policy.ts';
import type { Claim, ClaimAnswer, Clock, Delivery, Intake, Log, Store } from '../../core/ports/ports.ts';
import { retryUntilRecorded } from '../../core/ports/retry-until-recorded.ts';
import { canonical, shallow } from '../../core/text/parameters.ts';
import { FINGERPRINT_CHARACTERS } from '../../core/view/button-id.ts';
import type { Apply } from '../apply.ts';
import { startedRun, tellRun } from './run-progress.ts';

/** Parts a key from its generation. */
const GENERATION_MARK = '\u241e';
const generationEnd = new RegExp(`${GENERATION_MARK}\\d+$`);

/** Takes what backends tell, by whichever way in, and what applications decide by themselves. */
export function createIntake(options: { store: Store; apply: Apply; policy: Policy; clock: Clock; log: Log }): Intake {
  const { store, apply, policy, clock, log } = options;
  const idOf = (backend: string, key: string) => clock.hash(`${backend}\n${key}`);

  async function announced(delivery: Extract<Delivery, { type: 'announced' }>) {
    const { via, streamOpen, inputId, recurs = false } = delivery;
    const parameters = shallow(delivery.pause.parameters) as Pause['parameters'];
    const told = { ...delivery.pause, parameters };
    const { id, pause } = recurs ? await latestGeneration(told) : asIs(told);
    const digest = fingerprintOf(pause, clock);
    const places = policy.places(pause);
    const rules = { confirm: policy.confirms?.(pause) ?? false, remindAfter: policy.remindAfter?.(pause) ?? [] };
    const input = { type: 'announced', id, pause, digest, via, streamOpen, recurs, places, ...rules } as const;
    const changed = await apply(id, input, inputId);
    if (!changed.duplicate && changed.before === null) {
      log.info({ approval: id, backend: pause.backend, run: pause.runId, tool: pause.tool, via }, 'new pause');
    }
  }

  function asIs(pause: Pause) {
    return { id: idOf(pause.backend, pause.key), pause };
  }

  /** The same key is a new question once the last one was settled, and then seen gone. */
  async function latestGeneration(first: Pause) {
    for (let generation = 1; ; generation += 1) {
      const key = generation === 1 ? first.key : `${first.key}${GENERATION_MARK}${generation}`;
      const { id, pause } = asIs({ ...first, key, groupId: key });
      const known = await store.get(id);
      if (known === null || known.phase !== 'settled' || !known.absent) return { id, pause };
    }
  }

  async function listed({ backend, keys, begunAt }: Extract<Delivery, { type: 'listed' }>) {
    const pending = new Set(keys);
    for (const { id, pause } of await store.list({ unfinished: true, backend })) {
      if (pending.has(pause.key) || pending.has(pause.key.replace(generationEnd, ''))) continue;
      await apply(id, { type: 'absent', begunAt, words: 'It left the list of what is pending.' });
    }
  }

  async function reached({ backend, reachable, words }: Extract<Delivery, { type: 'reach' }>) {
    log[reachable ? 'info' : 'warn']({ backend, reachable, words }, 'backend reachable');
    for (const { id, phase } of await store.list({ unfinished: true, backend })) {
      if (phase !== 'open') continue;
      await apply(id, { type: 'unreachable', words: reachable ? null : (words ?? 'It does not answer.') });
    }
  }

  /** The one loss that nobody can undo: here every one of them passes, also those of an earlier process. */
  function notSeen(fields: { backend: string; run: string }): void {
    log.warn(fields, 'rest of the run not seen');
  }

  async function runEnded({ backend, runId, state, text }: Extract<Delivery, { type: 'run_ended' }>) {
    const approvals = await store.list({ backend, runId });
    const fields = { backend, run: runId, outcome: state, approvals: approvals.length };
    if (state === 'lost') notSeen(fields);
    else log.info(fields, 'run ended');
    if (state !== 'lost') {
      // The run is over, so nobody waits for these any more.
      for (const { id, phase } of approvals) {
        if (phase === 'open' || phase === 'decided')
          await apply(id, { type: 'cancelled', words: 'The run ended before anybody decided.' });
      }
    }
    const following = approvals.filter(({ continuation }) => continuation?.state === 'following');
    // One that was started from chat tells on its own card, and in the thread beneath it.
    const told = startedRun(approvals) ?? following.at(-1) ?? approvals.at(-1);
    if (told !== undefined) await apply(told.id, { type: 'continued', continuation: { state, text } });
    await seenOn(following.filter(({ id }) => id !== told?.id));
  }

  /** Their run was followed as far as it went; what comes next is told elsewhere. */
  async function seenOn(approvals: readonly Approval[]) {
    for (const { id } of approvals)
      await apply(id, { type: 'continued', continuation: { state: 'paused', text: null } });
  }

  /** What it waits for it asks nobody here, if no approval says so. */
  async function runPaused({ id, pause, continuation }: Approval) {
    if (continuation?.state !== 'following') return;
    await tellRun(store, apply, pause);
    const state = (await store.get(id))?.continuation?.state;
    if (state === 'following') await apply(id, { type: 'continued', continuation: { state: 'paused', text: null } });
  }

  async function claim({ backend, key, action, actor, text }: Claim): Promise<ClaimAnswer> {
    const approvalId = idOf(backend, key);
    if ((await store.get(approvalId)) === null) return { type: 'pass' };
    const changed = await apply(approvalId, { type: 'claimed', action, actor, text });
    if (changed.duplicate || changed.state === null) return { type: 'pass' };
    const { state, ignored } = changed;
    if (ignored === null) return { type: 'claimed', approvalId };
    // Only a press of ours stands in the application's way; anything else the backend answers better itself.
    const pressWon = state.decision !== null && !byApplication(state) && state.outcome !== 'decided_elsewhere';
    return pressWon ? { type: 'lost', approval: state } : { type: 'pass' };
  }

  return {
    async deliver(delivery) {
      switch (delivery.type) {
        case 'announced':
          return announced(delivery);
        case 'stream_ended':
          for (const { id } of await store.list({ groupId: delivery.groupId }))
            await apply(id, { type: 'stream_ended' });
          return;
        case 'listed':
          return listed(delivery);
        case 'reach':
          return reached(delivery);
        case 'resolved': {
          const id = idOf(delivery.backend, delivery.key);
          const { verdict, words } = delivery;
          if ((await store.get(id)) === null) return;
          await apply(id, { type: 'resolved', verdict, words });
          return;
        }
        case 'run_open': {
          const { backend, runId, resume } = delivery;
          return store.saveOpenRun({ backend, runId, resume });
        }
        case 'run_ended':
          await runEnded(delivery);
          return store.deleteOpenRun(delivery.backend, delivery.runId);
        case 'run_paused': {
          const { backend, runId } = delivery;
          const approvals = await store.list({ backend, runId });
          const root = startedRun(approvals);
          await seenOn(
            approvals.filter(({ id, continuation }) => id !== root?.id && continuation?.state === 'following'),
          );
          if (root !== undefined) await runPaused(root);
          return store.deleteOpenRun(backend, runId);
        }
        case 'run_renamed':
          for (const { id, pause } of await store.list({ backend: delivery.backend, runId: delivery.from })) {
            if (pause.kind === 'run') await apply(id, { type: 'renamed', runId: delivery.to });
          }
          return;
        case 'list_hidden':
          // It changes no approval: it is the operator's to know.
          return;
      }
    },
    claim,
    async settleClaim(approvalId, result) {
      await retryUntilRecorded(clock, log, () =>
        apply(approvalId, { type: 'sent', result, resendable: false, last: true }),
      );
    },
  };
}

/** Of what a person decides on: another digest is another question. */
function fingerprintOf({ tool, parameters, hidden }: Pause, clock: Clock): string {
  return clock.hash(canonical({ tool, parameters, hidden: [...hidden].sort() })).slice(0, FINGERPRINT_CHARACTERS);
}
