import type { Action, Prompt } from '../../../core/approval/approval.ts';
import type { AsksWire } from '../wire/schema.ts';

/** A pause that puts a question to a person: what the card shows, what answers it, and who can. */
export interface Question {
  asks: Prompt;
  /** What its answer is made of; null where none can be sent from here. */
  wire: AsksWire | null;
  /** None: the application has to answer it. */
  actions: Action[];
}

/** A card that says honestly what can't be done from it. */
export function elsewhere(title: string, text: string): Question {
  return { wire: null, actions: [], asks: { title, text, form: null } };
}
