/** Which awaits put a question to a person in so many words. */

import type { OutputAsked } from '../wire/events.ts';
import { QUESTION_TOOL, questionsIn } from './ask-user-question.ts';
import { elicitationIn } from './elicitation.ts';
import { elsewhere, type Question } from './question.ts';

/** Null for a call like any other. */
export function questionOf({
  tool,
  parameters,
  toolCallId,
  named,
  elicitation,
  externalAgent,
}: OutputAsked): Question | null {
  if (elicitation !== null) return elicitationIn(elicitation, toolCallId !== null || named);
  if (externalAgent !== null) {
    // Neither its question nor the shape of an answer is on the wire, so no button could keep what it promises.
    const ids = ['taskId', 'contextId'].flatMap((key) =>
      typeof externalAgent[key] === 'string' ? [`${key}: ${externalAgent[key]}`] : [],
    );
    const words = [
      'An agent outside of Runtype waits for input.',
      'What it asks is not part of its announcement.',
      ...ids,
    ];
    return elsewhere('Question from an external agent', words.join('\n'));
  }
  return tool === QUESTION_TOOL ? questionsIn(parameters) : null;
}
