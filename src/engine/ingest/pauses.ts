/** Pauses as backends report them: announced, gone from a list, or out of reach. Tested in test/engine/ingest/polled.test.ts. */
import type { Pause } from '../../core/approval/approval.ts';
import type { Clock, Delivery } from '../../core/ports/ports.ts';
import { canonical, shallow } from '../../core/text/parameters.ts';
import { FINGERPRINT_CHARACTERS } from '../../core/view/button-id.ts';
import type { IntakeDeps } from './ingest.ts';

type DeliveryOf<T extends Delivery['type']> = Extract<Delivery, { type: T }>;

/** Separates a key from its generation. */
const GENERATION_MARK = '\u241e';
const generationEnd = new RegExp(`${GENERATION_MARK}\\d+$`);

export function approvalIdOf(clock: Clock, backend: string, key: string): string {
  return clock.hash(`${backend}\n${key}`);
}

export async function announce(delivery: DeliveryOf<'announced'>, deps: IntakeDeps): Promise<void> {
  const { apply, policy, clock, log } = deps;
  const { via, streamOpen, inputId, recurs = false } = delivery;
  const parameters = shallow(delivery.pause.parameters) as Pause['parameters'];
  const announced = { ...delivery.pause, parameters };
  const { id, pause } = recurs ? await latestGeneration(announced, deps) : asIs(announced, clock);
  const fingerprint = fingerprintOf(pause, clock);
  const places = policy.places(pause);
  const rules = { confirm: policy.confirms?.(pause) ?? false, remindAfter: policy.remindAfter?.(pause) ?? [] };
  const input = { type: 'announced', id, pause, fingerprint, via, streamOpen, recurs, places, ...rules } as const;
  const changed = await apply(id, input, inputId);
  if (!changed.duplicate && changed.before === null) {
    log.info({ approval: id, backend: pause.backend, run: pause.runId, tool: pause.tool, via }, 'new pause');
  }
}

function asIs(pause: Pause, clock: Clock) {
  return { id: approvalIdOf(clock, pause.backend, pause.key), pause };
}

/** A key that comes back is a new question once the last one was settled and was then absent from a list. */
async function latestGeneration(first: Pause, { store, clock }: IntakeDeps) {
  for (let generation = 1; ; generation += 1) {
    const key = generation === 1 ? first.key : `${first.key}${GENERATION_MARK}${generation}`;
    const { id, pause } = asIs({ ...first, key, groupId: key }, clock);
    const known = await store.get(id);
    if (known === null || known.phase !== 'settled' || !known.absent) return { id, pause };
  }
}

/** After a complete pass over a list: what it no longer shows. */
export async function markAbsent(
  { backend, keys, begunAt }: DeliveryOf<'listed'>,
  { store, apply }: IntakeDeps,
): Promise<void> {
  const pending = new Set(keys);
  for (const { id, pause } of await store.list({ unfinished: true, backend })) {
    if (pending.has(pause.key) || pending.has(pause.key.replace(generationEnd, ''))) continue;
    await apply(id, { type: 'absent', begunAt, reason: { code: 'unlisted' } });
  }
}

export async function setReachable(
  { backend, reachable, reason }: DeliveryOf<'reach'>,
  { store, apply, log }: IntakeDeps,
): Promise<void> {
  log[reachable ? 'info' : 'warn']({ backend, reachable, reason }, 'backend reachable');
  for (const { id, phase } of await store.list({ unfinished: true, backend })) {
    if (phase !== 'open') continue;
    await apply(id, { type: 'unreachable', reason: reachable ? null : (reason ?? { code: 'no_answer' }) });
  }
}

/** Of what a person decides on: another fingerprint is another question. */
function fingerprintOf({ tool, parameters, hidden }: Pause, clock: Clock): string {
  return clock.hash(canonical({ tool, parameters, hidden: [...hidden].sort() })).slice(0, FINGERPRINT_CHARACTERS);
}
