import type { Action, Prompt } from '../../../core/approval/pause/pause.ts';
import type { AsksWire } from '../wire/schema.ts';

/** A pause that asks a person a question: what the card shows, and what answers it. */
export interface Question {
  prompt: Prompt;
  /** How its answer is encoded; null where none can be sent from here. */
  wire: AsksWire | null;
  /** Empty: only the application can answer it. */
  actions: Action[];
}

/** A question that people see, but can answer only in their application. */
export function unanswerable(title: string, text: string): Question {
  return { wire: null, actions: [], prompt: { title, text, form: null } };
}
