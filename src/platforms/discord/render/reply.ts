/** How a press is answered: the JSON of an interaction's one callback. Pure. */

import type { PressAnswer } from '../../../core/ports/ports.ts';
import { encodeButtonId } from '../../../core/view/button-id.ts';
import type { Form } from '../../../core/view/forms/decision-form.ts';
import type { PendingList } from '../../../core/view/lists/pending-list.ts';
import { FORM_AGAIN } from '../../../core/view/refusals.ts';
import { limits } from '../api/limits.ts';
import { type Attachment, renderDetails } from './details.ts';
import { pageCount, pageWith, renderPage } from './form.ts';
import { listMessage, listUpdate } from './list.ts';
import { codeBlock, escapeMarkdown, fit } from './markdown.ts';
import type { Json } from './message.ts';

const callbackType = Object.freeze({ message: 4, deferredUpdate: 6, update: 7, suggestions: 8, modal: 9 });
const EPHEMERAL = 64;

/** What of the press matters for its answer. */
export interface PressContext {
  /** What the person wrote; null from a button. */
  written: string | null;
  /** It came from a message of ours, or from a form that one of its buttons opened. */
  fromMessage: boolean;
  /** That message is seen by this person only: it changes with its answer. */
  fromPrivate: boolean;
  /** The page of the form, from 0. */
  page: number;
}

/** The body of the answer, and the file that goes along with it. */
export interface InteractionReply {
  body: Json;
  file: Attachment | null;
  /** A private message of its own, behind the answer. */
  after?: Json;
}

/** @param guild where the cards are; null: they are not linked */
export function renderAnswer(
  answer: PressAnswer,
  answered: PressContext,
  guild: string | null = null,
): InteractionReply {
  if (answer.type === 'list') return renderListed(answer, answered, guild);
  if (answer.type !== 'details') return { body: renderBody(answer, answered), file: null };
  const { data, file } = renderDetails(answer.view);
  const mine = { ...data, allowed_mentions: { parse: [] } };
  // A private message turns its own pages; the file came with the first one.
  if (answered.fromPrivate) return { body: { type: callbackType.update, data: mine }, file: null };
  return { body: { type: callbackType.message, data: { ...mine, flags: EPHEMERAL } }, file };
}

/** The list takes its own place; what somebody wrote in vain is given back beneath it. */
function renderListed(
  { list, refused }: Extract<PressAnswer, { type: 'list' }>,
  { written }: PressContext,
  guild: string | null,
): InteractionReply {
  const body = listUpdateReply(list, guild);
  if (refused === null || written === null || written.trim() === '') return { body, file: null };
  return { body, file: null, after: privateReply(refused, written)['data'] as Json };
}

/** A list for one person, as an answer to a command. */
export function listReply(list: PendingList, guild: string | null): Json {
  return { type: callbackType.message, data: listMessage(list, guild) };
}

/** The list that was pressed, as it is now. */
export function listUpdateReply(list: PendingList, guild: string | null): Json {
  return { type: callbackType.update, data: listUpdate(list, guild) };
}

function renderBody(answer: Exclude<PressAnswer, { type: 'details' | 'list' }>, answered: PressContext): Json {
  const { written, fromMessage, fromPrivate, page } = answered;
  const note = (text: string, more: NoteMore = {}) =>
    fromPrivate ? changed(text, more) : privateReply(text, more.written, { button: more.button });
  switch (answer.type) {
    case 'accepted':
      if (fromPrivate) return changed('Recorded.');
      return fromMessage ? { type: callbackType.deferredUpdate } : privateReply('Recorded.');
    case 'told':
      return note(answer.text);
    case 'refused':
      return note(answer.text, { written });
    case 'form':
      // Discord opens no form from a form.
      return written === null
        ? { type: callbackType.modal, data: renderPage(answer.form, page) }
        : note(FORM_AGAIN, { written });
    case 'invalid': {
      const { form, errors } = answer;
      const wrong = form.fields.filter(({ key }) => key in errors);
      const lines = wrong.map(({ key, label }) => `${label}: ${errors[key]}`);
      const at = pageWith(form, wrong[0]?.key ?? '');
      const text = `Not sent yet. Your input is saved.\n${lines.join('\n')}`;
      return note(text, { button: buttonTo(form, at, 'Fix') });
    }
    case 'next': {
      const { form } = answer;
      const of = pageCount(form);
      const text = `Page ${page + 1} of ${of} saved. Not sent yet.`;
      return note(text, { button: buttonTo(form, page + 1, `Continue to page ${page + 2}`) });
    }
  }
}

interface NoteMore {
  written?: string | null;
  button?: Json | undefined;
}

/** A form is never answered by the next one, but its note's button is. */
function buttonTo(form: Form, at: number, label: string): Json {
  // It stands in a note of its own, which is no list.
  const { list: _, ...aim } = form.aim;
  const id = encodeButtonId({ ...aim, page: { at, of: pageCount(form) } });
  return { type: 1, components: [{ type: 2, style: 1, label, custom_id: id }] };
}

/** The private note that the form was opened from says something else now. */
function changed(text: string, { written = null, button }: NoteMore = {}): Json {
  const { data } = privateReply(text, written, { button }) as { data: Json };
  const { flags: _, ...rest } = data;
  return { type: callbackType.update, data: { embeds: [], components: [], ...rest } };
}

/**
 * Seen by this person only.
 * @param written given back, so that nobody loses what they wrote
 * @param rooms channels that are named behind the text, as links
 */
export function privateReply(
  text: string,
  written: string | null = null,
  { rooms = [], button }: { rooms?: readonly string[]; button?: Json | undefined } = {},
): Json {
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
      ...(button === undefined ? {} : { components: [button] }),
      flags: EPHEMERAL,
      allowed_mentions: { parse: [] },
    },
  };
}

/** What an option can be filled in with, while somebody types. */
export function suggestions(choices: readonly { name: string; value: string }[]): Json {
  return { type: callbackType.suggestions, data: { choices: [...choices] } };
}
