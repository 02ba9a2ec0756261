/**
 * The spans of an approval. Each ends within moments: people may take days, so what follows a press links to the pause that it
 * decides. Tested in test/stories/operator/metrics/traces.test.ts.
 */
import type { Approval } from '../../../core/approval/approval.ts';
import { isAutomatic } from '../../../core/approval/names.ts';
import { asksPerson } from '../../../core/approval/pause/pause.ts';
import type { Press } from '../../../core/ports/ports.ts';
import { parseTraceparent, type SpanContext, type Traces } from '../../../core/ports/tracing/traces.ts';
import type { Committed } from '../../apply.ts';

/** Presses whose decision is still on its way; beyond, the oldest is forgotten, and its call begins a trace of its own. */
const PRESSES_MAX = 1_000;

/** From when until when, ms since 1970. */
export interface Period {
  startedAt: number;
  endedAt: number;
}

export class Tracing {
  readonly #traces: Traces;
  readonly #routeOf: (rule: string | undefined) => string;
  /** The press that decided, by approval. */
  readonly #presses = new Map<string, SpanContext>();

  constructor(traces: Traces, routeOf: (rule: string | undefined) => string) {
    this.#traces = traces;
    this.#routeOf = routeOf;
  }

  /** Of the span of its pause: in the trace of the request that paused, where that had one. */
  pauseOf({ id, pause }: Pick<Approval, 'id' | 'pause'>): SpanContext {
    return this.#traces.contextOf(`pause ${id}`, parseTraceparent(pause.trace));
  }

  onCommitted(committed: Committed): void {
    if (committed.type !== 'input' || committed.changed.duplicate) return;
    const { audit, changed } = committed;
    const { before, state } = changed;
    if (audit.input !== 'posted' || before === null || state === null || !asksPerson(state.pause)) return;
    const slot = state.slots[String(audit.facts['slot'])];
    const isFirst = !Object.values(before.slots).some(({ kind, receipt }) => kind === 'card' && receipt !== null);
    if (slot?.kind !== 'card' || slot.shownAt == null || !isFirst) return;
    const { backend, kind } = state.pause;
    this.#traces.record({
      name: 'pause',
      context: this.pauseOf(state),
      parent: parseTraceparent(state.pause.trace),
      links: [],
      startedAt: state.createdAt,
      endedAt: slot.shownAt,
      failed: false,
      attributes: { backend, kind, route: this.#routeOf(state.requirement?.rule), platform: slot.place.platform },
    });
  }

  /** @param approval as it is after it; null: there is none */
  pressed(press: Press, approval: Approval | null, { outcome, ...period }: Period & { outcome: string }): void {
    const context = this.#traces.contextOf(`press ${press.id}`, null);
    if (outcome === 'accepted' && approval !== null) this.#remember(approval.id, context);
    const { platform, buttonId } = press;
    this.#traces.record({
      name: 'press',
      context,
      parent: null,
      links: approval === null ? [] : [this.pauseOf(approval)],
      ...period,
      failed: false,
      attributes: {
        platform,
        action: buttonId.action,
        outcome,
        ...(approval !== null && { backend: approval.pause.backend, route: this.#routeOf(approval.requirement?.rule) }),
      },
    });
  }

  /** @param group what was sent together, marked as `sending` */
  called(group: readonly Approval[], { outcome, ...period }: Period & { outcome: string }): void {
    const [first] = group;
    if (first === undefined) return;
    const presses = group.flatMap(({ id }) => this.#presses.get(id) ?? []);
    const [parent = null] = presses;
    this.#traces.record({
      name: 'decide',
      context: this.#traces.contextOf(`decide ${first.id} ${period.startedAt}`, parent),
      parent,
      links: [...group.map((one) => this.pauseOf(one)), ...presses.slice(1)],
      ...period,
      failed: outcome !== 'recorded',
      attributes: {
        backend: first.pause.backend,
        kind: first.pause.kind,
        route: this.#routeOf(first.requirement?.rule),
        ...(first.decision !== null && {
          action: first.decision.action,
          platform: isAutomatic(first.decision.actor) ? 'none' : first.decision.actor.platform,
        }),
        outcome,
      },
    });
    if (outcome === 'recorded') for (const { id } of group) this.#presses.delete(id);
  }

  #remember(approvalId: string, context: SpanContext): void {
    this.#presses.delete(approvalId);
    this.#presses.set(approvalId, context);
    const [oldest] = this.#presses.keys();
    if (this.#presses.size > PRESSES_MAX && oldest !== undefined) this.#presses.delete(oldest);
  }
}
