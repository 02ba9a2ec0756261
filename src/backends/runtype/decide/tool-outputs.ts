/**
 * The answer to an await: the output that its tool returns to the agent. Tested in
 * test/backends/runtype/pause/questions.test.ts and test/backends/runtype/decide/decide.test.ts.
 */

import { actorName } from '../../../core/approval/names.ts';
import type { Actor, Decision } from '../../../core/approval/parts/decision.ts';
import { outputValue } from '../../../core/form/output.ts';
import { clip } from '../../../core/text/clip.ts';
import { isRecord } from '../../../core/text/json.ts';
import type { Wire } from '../pause/pause.ts';
import type { AsksWire } from '../wire/schema.ts';

/** Of the text that names a person to an agent, id included, characters. */
const NAME_MAX = 80;
const ID_MAX = 40;

type AwaitWire = Extract<Wire, { kind: 'await' }>;

/** A decision as it is sent. `by`: all who signed it. Default: who decided. */
export interface SentDecision extends Decision {
  by?: string;
}

export function outputOf(wire: AwaitWire, decision: SentDecision): unknown {
  if (wire.asks?.type === 'elicitation') return elicitationResult(wire.asks, decision);
  const { action, actor, by = nameOf(actor), text, sentAs } = decision;
  if (action === 'take_over') {
    const answer = outputValue(text ?? '', sentAs);
    return wire.asks?.type === 'question' ? questionAnswer(wire.asks, answer) : answer;
  }
  const approved = action === 'approve';
  return { approved, by, ...(text !== null && { [approved ? 'note' : 'reason']: text }) };
}

/**
 * Assumed, because Runtype's own widget does so: one string for one question, else each answer (or list of answers) by
 * the text of its question.
 */
function questionAnswer({ single }: Extract<AsksWire, { type: 'question' }>, answer: unknown): unknown {
  if (!single || !isRecord(answer)) return answer;
  const [only] = Object.values(answer);
  return only ?? answer;
}

/**
 * Runtype doesn't document how it passes an answer on; assumed: a result as in MCP (`action`, and `content` with
 * *accept*), and for several requests in one pause one result by the name of each. It has no field for a reason, so the
 * reason goes into `_meta`, which MCP leaves open.
 */
function elicitationResult(
  { parts }: Extract<AsksWire, { type: 'elicitation' }>,
  { action, actor, by = nameOf(actor), text }: SentDecision,
): unknown {
  if (action === 'reject') {
    const _meta = { by, ...(text !== null && { reason: text }) };
    return forEach(parts, () => ({ action: 'decline', _meta }));
  }
  if (action === 'approve') {
    const note = text !== null && { _meta: { by, note: text } };
    return forEach(parts, ({ form }) => ({ action: 'accept', ...(form && { content: {} }), ...note }));
  }
  const answer = outputValue(text ?? '');
  const content = isRecord(answer) ? answer : {};
  return forEach(parts, ({ name, form }) => {
    const own = name === null ? content : content[name];
    return form ? { action: 'accept', content: isRecord(own) ? own : {} } : { action: 'accept' };
  });
}

type Part = Extract<AsksWire, { type: 'elicitation' }>['parts'][number];

function forEach(parts: readonly Part[], result: (part: Part) => unknown): unknown {
  const [first] = parts;
  if (first !== undefined && first.name === null) return result(first);
  return Object.fromEntries(parts.map((part) => [part.name ?? '', result(part)]));
}

/** Name and id, so that an agent can distinguish two people with the same name. */
export function nameOf(actor: Actor): string {
  const id = clip(actor.id, ID_MAX);
  const name = actorName(actor);
  return name === actor.id ? id : `${clip(name, NAME_MAX - id.length - 3)} (${id})`;
}
