/**
 * Pauses and outcomes as a run's events announce them.
 * Tested in test/backends/runtype/stream/reader/reader.test.ts and test/backends/runtype/pause/questions.test.ts.
 */
import {
  type Action,
  actions as everyAction,
  type Pause,
  type Unshowable,
  WEBSITE_LABEL,
} from '../../../core/approval/pause/pause.ts';
import { ASKER_MARK } from '../../../core/policy/tags.ts';
import type { Delivery } from '../../../core/ports/ports.ts';
import { LAST_MOMENT } from '../../../core/text/time/parse.ts';
import { quoted } from '../../../core/text/visible/quoted.ts';
import { isAddressable } from '../../shared/large-json.ts';
import type { ApprovalAsked, OutputAsked, RunEvent, Verdict } from '../wire/events.ts';
import { QUESTION_TOOL, questionsIn } from './ask-user-question.ts';
import { elicitationIn } from './elicitation.ts';
import { approvalKey, awaitKey, awaitKeyOfTool, BACKEND, bareName, type Wire } from './pause.ts';
import { type Question, unanswerable } from './question.ts';
import { type RunFacts, storedTools } from './run-facts.ts';

/** A tool without a name. */
const UNNAMED = 'unnamed tool';

/** The frame in which a pause was announced. */
export interface FrameContext {
  /** What the pause is kept under: the run, or where that is not known, its stream. */
  runId: string;
  /** Null: an answer can’t name the run. */
  executionId: string | null;
  facts: RunFacts;
  /** The number of the frame, where the run's frames are numbered. */
  row?: string | null;
  /** ms since 1970 */
  now: number;
  /** Set where it was too large to be parsed: the event is an outline of it. */
  unshowable?: Unshowable | null;
}

/** The key of an await, which old servers identify by its tool. */
export function keyOfAwait({ tool, toolCallId, toolId, awaitedAt }: OutputAsked, runId: string): string {
  if (toolCallId !== null) return awaitKey(runId, toolCallId);
  return awaitKeyOfTool(runId, toolId ?? `${tool ?? UNNAMED}@${awaitedAt}`);
}

/** What an answer, or a person who is to answer, would need and was not sent. */
function missingIn(asked: ApprovalAsked | OutputAsked, { executionId }: FrameContext): Pause['missing'] {
  if (executionId === null) return 'run';
  if (asked.type === 'approval' && asked.approvalId === null) return 'approval_id';
  return asked.tool === null ? 'tool' : undefined;
}

export function approvalPause(asked: ApprovalAsked, context: FrameContext): Pause {
  const { runId, facts, row = null } = context;
  const { approvalId, toolCallId, tool, askedAt, seq } = asked;
  const key =
    approvalId === null
      ? `approval-without-id:${runId}:${toolCallId ?? `${tool}@${askedAt}#${seq}`}`
      : approvalKey(approvalId);
  const { actions, ...fields } = shared(asked, context);
  return {
    ...fields,
    actions: isAddressable(context.unshowable, [runId, approvalId ?? '']) ? actions : [],
    key,
    kind: 'approval',
    groupId: key,
    description: asked.description,
    asker: [facts.name, asked.subagent].filter((name) => name !== null).join(ASKER_MARK) || null,
    askerId: facts.id,
    reason: asked.reason,
    wire: {
      kind: 'approval',
      ...wireBase(asked, context, facts, row),
      approvalId: approvalId ?? '',
      toolCallId,
    } satisfies Wire,
  };
}

export function awaitPause(asked: OutputAsked, context: FrameContext, groupId: string): Pause {
  const { runId, facts, row = null } = context;
  const { toolCallId } = asked;
  const tool = asked.tool ?? UNNAMED;
  const key = keyOfAwait(asked, runId);
  const question = context.unshowable && asked.elicitation !== null ? partlySeen(asked) : questionOf(asked);
  const isAnswerable = isAddressable(context.unshowable, [runId, toolCallId ?? tool]);
  const { actions: possible, ...fields } = shared(asked, context);
  const actions = isAnswerable && fields.missing === undefined ? (question?.actions ?? possible) : [];
  return {
    ...fields,
    key,
    kind: 'await',
    // A pause that can't be answered from here must not delay the others of its group.
    groupId: actions.length === 0 ? key : groupId,
    description: null,
    asker: facts.name,
    askerId: facts.id,
    reason: null,
    actions,
    ...(question !== null && { prompt: question.prompt }),
    address: { tool, ...(question?.wire && { asks: question.wire }) },
    wire: {
      kind: 'await',
      ...wireBase(asked, context, facts, row),
      toolCallId,
      asks: question?.wire ?? null,
    } satisfies Wire,
  };
}

/** The question that an await puts to a person; null for a call like any other. */
function questionOf({ tool, parameters, toolCallId, named, elicitation, externalAgent }: OutputAsked): Question | null {
  if (elicitation !== null) return elicitationIn(elicitation, toolCallId !== null || named);
  if (externalAgent !== null) {
    // Neither its question nor the shape of an answer is on the wire, so no button could do what it says.
    const ids = ['taskId', 'contextId'].flatMap((key) =>
      typeof externalAgent[key] === 'string' ? [`${key}: ${externalAgent[key]}`] : [],
    );
    const lines = ['An external agent needs input. Runtype does not pass on the question.', ...ids];
    return unanswerable('Question from an external agent', lines.join('\n'));
  }
  return tool === QUESTION_TOOL ? questionsIn(parameters) : null;
}

/** An MCP server's question of which only an outline was read: it can be declined, where it is a single one. */
function partlySeen({ elicitation }: OutputAsked): Question {
  const title = 'Question from an MCP server';
  const { message } = elicitation ?? {};
  const question = unanswerable(title, typeof message === 'string' ? message : 'The question is too large to be read.');
  if (elicitation === null || 'requests' in elicitation) return question;
  return { ...question, wire: { type: 'elicitation', parts: [{ name: null, form: true }] }, actions: ['reject'] };
}

function shared(asked: ApprovalAsked | OutputAsked, context: FrameContext) {
  const { runId, facts, now, unshowable } = context;
  const missing = missingIn(asked, context);
  const { timeoutMs, askedAt, toolCallId } = asked;
  const labels = [...asked.labels, ...(facts.website ? [WEBSITE_LABEL] : [])];
  return {
    ...(unshowable && { unshowable }),
    ...(missing !== undefined && { missing }),
    backend: BACKEND,
    runId,
    tool: bareName(asked.tool ?? UNNAMED),
    ...(facts.requester !== null && { requester: facts.requester }),
    ...(facts.trace !== null && { trace: facts.trace }),
    ...(labels.length > 0 && { labels }),
    parameters: asked.parameters,
    ...(asked.repeated.length > 0 && { repeated: [...asked.repeated] }),
    hidden: [...((toolCallId !== null && facts.hidden.get(toolCallId)) || [])],
    ...hiddenLater(facts, toolCallId),
    actions: (missing === undefined ? [...everyAction] : []) as Action[],
    ...(askedAt !== null && { askedAt }),
    // A missing timeout is not the documented default of five minutes: older servers send none and wait for ever.
    deadline: timeoutMs === null ? null : momentOrNull((askedAt ?? now) + timeoutMs),
  };
}

/**
 * A call is named once, and may be announced in a later stream only. What is named after the last announcement of a stream is
 * known in memory only: by Runtype's order, a stream names its calls first and ends with what waits.
 */
function hiddenLater({ hidden }: RunFacts, toolCallId: string | null): Pick<Pause, 'hiddenLater'> {
  const others = [...hidden].filter(([call]) => call !== toolCallId);
  return others.length > 0 ? { hiddenLater: others.map(([call, names]) => ({ call, names: [...names] })) } : {};
}

/** A deadline after the last moment counts as none. */
function momentOrNull(at: number): number | null {
  return Math.abs(at) <= LAST_MOMENT ? at : null;
}

function wireBase(
  asked: ApprovalAsked | OutputAsked,
  { executionId }: FrameContext,
  facts: RunFacts,
  row: string | null,
) {
  const { name: runName, replay, website, site, opener } = facts;
  return {
    executionId: executionId ?? '',
    toolName: asked.tool ?? '',
    runName,
    clientTools: storedTools(facts),
    ...(replay !== null && { replay: { ...replay, row } }),
    ...(website && { website }),
    ...(site !== null && { site }),
    opener,
  };
}

const verdicts: Record<Verdict, Action | 'timeout'> = {
  approved: 'approve',
  denied: 'reject',
  timeout: 'timeout',
};

type Resolved = RunEvent & { type: 'resolved' };

/** Of a word that is not known, characters. */
const SAID_MAX = 200;

/** The outcome of an approval, as its stream reports it. What is not known as one is in the backend's words. */
export function resolvedOf({ approvalId, decision, said, by }: Resolved): Extract<Delivery, { type: 'resolved' }> {
  const resolved = { type: 'resolved', backend: BACKEND, key: approvalKey(approvalId) } as const;
  if (decision === null) {
    const reason = said === null ? 'Runtype does not say how.' : `Runtype says: ${quoted(said, SAID_MAX)}.`;
    return { ...resolved, verdict: null, reason };
  }
  const words = `Runtype says it was ${decision}${by === 'system' ? ' by the system' : ''}.`;
  return { ...resolved, verdict: verdicts[decision], reason: decision === 'timeout' ? null : words };
}
