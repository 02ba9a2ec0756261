/**
 * What each decision does in Runtype. An output is shown as it is sent, made by the function that makes the real one. That the
 * agent goes on without a denied tool is seen in Runtype's demo only; that it reads the reason, and that nothing runs after
 * the time limit, is assumed. Tested in test/backends/consequences.test.ts.
 */
import type { Approval } from '../../../core/approval/approval.ts';
import { isVisitorChat } from '../../../core/approval/pause/pause.ts';
import { toJson } from '../../../core/text/json.ts';
import type { Clause, Consequences } from '../../../core/view/card.ts';
import { toolCode } from '../../../core/view/cards/consequences.ts';
import { answerFormOf } from '../../../core/view/forms/answer-form.ts';
import { type Wire, wireOf } from '../pause/pause.ts';
import { outputOf } from './tool-outputs.ts';

type AwaitWire = Extract<Wire, { kind: 'await' }>;

const NO_DEADLINE = 'it waits: Runtype names no deadline';

/** @param noteAsMessage a note or reason beside a yes or no is a message to the agent, too */
export function consequencesOf(approval: Approval, noteAsMessage: boolean): Consequences {
  const { pause } = approval;
  const wire = wireOf(approval);
  const tool = toolCode(pause);
  const isTimed = pause.deadline !== null;
  if (wire.kind === 'approval') {
    const alsoRead = isVisitorChat(pause) ? ' (the visitor may read it)' : '';
    return {
      approve: [tool, ' runs with these parameters'],
      reject: [`the agent gets your reason${alsoRead} and goes on without it`],
      take_over: [`it does not run, and the agent gets what you did instead${alsoRead}`],
      silence: [isTimed ? 'it is not carried out' : NO_DEADLINE],
    };
  }
  const silence: Clause = [isTimed ? 'the question ends without an answer' : NO_DEADLINE];
  if (wire.asks?.type === 'elicitation') return { ...elicited(wire), silence };
  const also = noteAsMessage ? ', and your reason as a message' : '';
  return {
    approve: [tool, ' returns ', approvedOutput(wire)],
    reject: [`it returns a refusal with your name and your reason${also}`],
    take_over: wire.asks?.type === 'question' ? ['the agent gets your answer'] : [tool, ` returns ${writtenIn(pause)}`],
    silence,
  };
}

/** What the form of an answer takes. */
function writtenIn(pause: Approval['pause']): string {
  const isOffered = answerFormOf(pause).fields.some(({ kind }) => kind === 'choice');
  return isOffered ? 'your choice or what you write' : 'what you write';
}

/** A result as in MCP, for the server that asks. */
function elicited(wire: AwaitWire): Omit<Consequences, 'silence'> {
  return {
    approve: ['the server gets ', { code: 'accept' }],
    reject: ['it gets ', { code: 'decline' }, ' with your reason'],
    take_over: [hasForm(wire) ? 'the server gets your answers' : 'the server gets your consent'],
  };
}

function hasForm({ asks }: AwaitWire): boolean {
  return asks?.type === 'elicitation' && asks.parts.some(({ form }) => form);
}

/** What is sent, with placeholders for what the person who presses adds. */
function approvedOutput(wire: AwaitWire): { code: string } {
  const actor = { platform: 'sample', id: 'your name', name: 'your name' };
  return { code: toJson(outputOf(wire, { action: 'approve', actor, text: null, at: 0 })) };
}
