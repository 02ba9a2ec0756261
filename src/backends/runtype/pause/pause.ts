/**
 * What is stored of a pause: what its answer needs, and the key that it is known by.
 * Tested in test/backends/runtype/pause/questions.test.ts and test/backends/runtype/pause/opener.test.ts.
 */
import { z } from 'zod';
import type { Approval } from '../../../core/approval/approval.ts';
import type { Pause } from '../../../core/approval/pause/pause.ts';
import { asksWire } from '../wire/schema.ts';
import { storedOpener } from './opener.ts';
import { ANY_OUTPUT, emptyFacts, learn, noteAwait, type RunFactsCache } from './run-facts.ts';

export const BACKEND = 'runtype';

const common = {
  executionId: z.string(),
  toolName: z.string(),
  /** For the continuation, which need not repeat it. */
  runName: z.string().nullable(),
  clientTools: z.array(z.string()),
  /** `row`: the number of the frame that announced it, where the run's frames are numbered. */
  replay: z.object({ agentId: z.string(), conversationId: z.string(), row: z.string().nullish() }).nullish(),
  /** Absent: the run is not a website chat. */
  website: z.boolean().optional(),
  /** Absent: no chat, or of an earlier version. */
  site: z.string().optional(),
  /** Whose call opened the run, as far as it is known: only that caller claims the pause. */
  opener: storedOpener,
};

/** What the call that answers a pause needs. */
export const wireSchema = z.discriminatedUnion('kind', [
  z.looseObject({
    kind: z.literal('approval'),
    ...common,
    approvalId: z.string(),
    toolCallId: z.string().nullable(),
  }),
  z.looseObject({
    kind: z.literal('await'),
    ...common,
    /** Null from old servers: such a call is answered by its tool's name. */
    toolCallId: z.string().nullable(),
    asks: asksWire.nullish(),
  }),
]);
export type Wire = z.infer<typeof wireSchema>;

/** @throws ZodError when the pause is not one of ours */
export function wireOf({ pause }: Approval): Wire {
  return wireSchema.parse(pause.wire);
}

export function approvalKey(approvalId: string): string {
  return `approval:${approvalId}`;
}

export function awaitKey(executionId: string, toolCallId: string): string {
  return `await:${executionId}:${toolCallId}`;
}

/** For a call without an id. */
export function awaitKeyOfTool(executionId: string, tool: string): string {
  return awaitKey(executionId, `tool:${tool}`);
}

export function isAwaitKey(key: string): boolean {
  return key.startsWith('await:');
}

/** The name without the prefix that flows give to page tools. */
export function bareName(toolName: string): string {
  return toolName.replace(/^webmcp:/, '');
}

/** Whether this caller opened the run with this ID, to which the pause belongs. Where no opener is known, no caller did. */
export function isOpenedBy(caller: string | null, executionId: string, { wire }: Pick<Pause, 'wire'>): boolean {
  const { success, data } = wireSchema.safeParse(wire);
  return success && caller !== null && data.opener === caller && data.executionId === executionId;
}

/**
 * After a start: a pause that an earlier process announced still waits for its answer, and for the end of its call.
 * @returns its wire; null where it is not one of ours
 */
export function rememberPause(
  { pause, via }: Approval,
  { runFacts: own, ingestedFacts }: { runFacts: RunFactsCache; ingestedFacts: RunFactsCache },
): Wire | null {
  const runFacts = via === 'ingest' ? ingestedFacts : own;
  const { success, data: wire } = wireSchema.safeParse(pause.wire);
  if (!success) return null;
  const { key, runId, requester = null } = pause;
  const { toolCallId, toolName, clientTools, opener, website = false, site = null } = wire;
  const facts = runFacts.of(runId);
  learn(facts, { ...emptyFacts(), clientTools: new Set(clientTools), opener, requester, website, site });
  facts.isSeen = true;
  runFacts.notePause(key, runId);
  if (toolCallId !== null) runFacts.noteCall(runId, toolCallId, key);
  if (wire.kind === 'await') for (const name of namesOf({ toolName, toolCallId })) noteAwait(facts, name, key);
  return wire;
}

/** By which an application may answer an await, besides the ID of its call. */
function namesOf({ toolName, toolCallId }: Pick<Wire, 'toolName' | 'toolCallId'>): Set<string> {
  if (toolName !== '') return new Set([toolName, bareName(toolName)]);
  return new Set(toolCallId === null ? [ANY_OUTPUT] : []);
}
