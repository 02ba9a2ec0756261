/** How a press is answered: the JSON of an interaction's one callback. Pure. */
import { encodeAim } from '../core/action.ts';
import type { Form, PressAnswer } from '../core/ports.ts';
import { clip, reveal } from '../core/text.ts';
import { type Attachment, renderDetails } from './discord-details.ts';
import { ANSWER_MAX, limits } from './discord-limits.ts';
import { codeBlock, escapeMarkdown, fit } from './discord-markdown.ts';
import type { Json } from './discord-render.ts';

const callbackType = Object.freeze({ message: 4, deferredUpdate: 6, update: 7, suggestions: 8, modal: 9 });
const EPHEMERAL = 64;

/** The name of the one input in our forms. */
export const FORM_INPUT = 'text';

/** What of the press matters for its answer. */
export interface Answered {
  /** What the person wrote; null from a button. */
  written: string | null;
  /** It came from a message of ours, or from a form that one of its buttons opened. */
  fromMessage: boolean;
  /** That message is seen by this person only. */
  fromPrivate: boolean;
}

/** The body of the answer, and the file that goes along with it. */
export interface Callback {
  body: Json;
  file: Attachment | null;
}

export function renderAnswer(answer: PressAnswer, answered: Answered): Callback {
  if (answer.type !== 'details') return { body: renderBody(answer, answered), file: null };
  const { data, file } = renderDetails(answer.view);
  const mine = { ...data, allowed_mentions: { parse: [] } };
  // A private message turns its own pages; the file came with the first one.
  if (answered.fromPrivate) return { body: { type: callbackType.update, data: mine }, file: null };
  return { body: { type: callbackType.message, data: { ...mine, flags: EPHEMERAL } }, file };
}

function renderBody(answer: Exclude<PressAnswer, { type: 'details' }>, { written, fromMessage }: Answered): Json {
  switch (answer.type) {
    case 'accepted':
      return fromMessage ? { type: callbackType.deferredUpdate } : privately('Recorded.');
    case 'refused':
      return privately(answer.text, written);
    case 'form':
      // Discord opens no form from a form.
      return written === null
        ? renderForm(answer.form)
        : privately('Please use the button on the card again.', written);
  }
}

/**
 * Seen by this person only.
 * @param written given back, so that nobody loses what they wrote
 * @param rooms channels that are named behind the text, as links
 */
export function privately(text: string, written: string | null = null, rooms: readonly string[] = []): Json {
  const links = rooms.map((room) => ` <#${room}>`).join(',');
  const quoted =
    written === null || written.trim() === ''
      ? {}
      : { embeds: [{ title: 'What you wrote', description: fit(written, limits.embedDescription, codeBlock) }] };
  return {
    type: callbackType.message,
    data: {
      content: `${fit(text, limits.content - links.length, escapeMarkdown)}${links}`,
      ...quoted,
      flags: EPHEMERAL,
      allowed_mentions: { parse: [] },
    },
  };
}

/** What an option can be filled in with, while somebody types. */
export function suggestions(choices: readonly { name: string; value: string }[]): Json {
  return { type: callbackType.suggestions, data: { choices: [...choices] } };
}

function renderForm({ aim, title, about, label, hint, required }: Form): Json {
  const input = {
    type: 4,
    custom_id: FORM_INPUT,
    style: 2,
    required,
    max_length: ANSWER_MAX,
    ...(hint === '' ? {} : { placeholder: clip(hint, limits.placeholder) }),
  };
  const told =
    about.trim() === '' ? [] : [{ type: 10, content: fit(reveal(about), limits.textDisplay, escapeMarkdown) }];
  return {
    type: callbackType.modal,
    data: {
      custom_id: encodeAim(aim),
      title: clip(title, limits.modalTitle),
      components: [...told, { type: 18, label: clip(label, limits.label), component: input }],
    },
  };
}
