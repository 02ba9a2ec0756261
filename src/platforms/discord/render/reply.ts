/**
 * The answer to an interaction: the JSON of its one callback. Pure.
 * Tested in test/platforms/discord/render/message.test.ts, test/platforms/forms.test.ts and
 * test/platforms/discord/inbound/answer-interactions.test.ts.
 */
import { type Field, keysOf } from '../../../core/form/form.ts';
import type { FormClaim, PressAnswer } from '../../../core/ports/ports.ts';
import { encodeButtonId } from '../../../core/view/button-id.ts';
import { type CommandAnswer, encodeCommandButton } from '../../../core/view/command.ts';
import type { Form } from '../../../core/view/forms/decision-form.ts';
import type { PendingList } from '../../../core/view/lists/pending-list.ts';
import { FORM_AGAIN } from '../../../core/view/refusals.ts';
import { limits } from '../api/size-limits.ts';
import { type Attachment, renderDetails } from './details.ts';
import { pageCount, pageWith, renderPage } from './form.ts';
import { listMessage, listUpdate } from './list.ts';
import { codeBlock, escapeMarkdown, fit } from './markdown.ts';
import { buttonStyles, type Json } from './message.ts';

const callbackType = Object.freeze({ message: 4, deferredUpdate: 6, update: 7, suggestions: 8, modal: 9 });
const EPHEMERAL = 64;

/** The facts of a press that its answer depends on. */
export interface PressContext {
  /** What the person wrote; null from a button. */
  written: string | null;
  /** It came from one of our messages, or from a form that such a message opened. */
  fromMessage: boolean;
  /** That message is private to the person: the answer replaces it. */
  fromPrivate: boolean;
  /** The page of the form, from 0. */
  page: number;
}

export interface InteractionReply {
  body: Json;
  file?: Attachment;
  /** A separate private message, sent after the answer. */
  followUp?: Json;
  /** A separate private message beside a form that claimed its request: it offers *Release*. */
  claimNote?: Json;
}

/** @param guild the server with the cards; null: cards are not linked */
export function renderAnswer(
  answer: PressAnswer,
  context: PressContext,
  guild: string | null = null,
): InteractionReply {
  if (answer.type === 'list') return renderListAnswer(answer, context, guild);
  if (answer.type === 'form' && answer.claim !== undefined && context.written === null)
    return { body: renderBody(answer, context), claimNote: claimNote(answer.form, answer.claim) };
  if (answer.type !== 'details') return { body: renderBody(answer, context) };
  const { data, file } = renderDetails(answer.view);
  const silent = { ...data, allowed_mentions: { parse: [] } };
  // A private message turns its own pages; the first one already has the file.
  if (context.fromPrivate) return { body: { type: callbackType.update, data: silent } };
  const body = { type: callbackType.message, data: { ...silent, flags: EPHEMERAL } };
  return file === null ? { body } : { body, file };
}

/** The list replaces itself; what the person wrote for a refused press is returned in a message after it. */
function renderListAnswer(
  { list, refused }: Extract<PressAnswer, { type: 'list' }>,
  { written }: PressContext,
  guild: string | null,
): InteractionReply {
  const body = listUpdateReply(list, guild);
  if (refused === null || written === null || written.trim() === '') return { body };
  return { body, followUp: privateReply(refused, written)['data'] as Json };
}

/** Discord says nothing of a form that is closed. */
function claimNote({ buttonId: { approvalId } }: Form, { until }: FormClaim): Json {
  const id = encodeButtonId({ approvalId, action: 'hand_back', fingerprint: '0' });
  const end = `<t:${Math.floor(until / 1_000)}:t>`;
  return {
    content: `This request is yours until ${end} while you fill in the form. Closed it without sending it? Press Release, so that others can decide.`,
    components: [{ type: 1, components: [{ type: 2, style: 2, label: 'Release', custom_id: id }] }],
    flags: EPHEMERAL,
    allowed_mentions: { parse: [] },
  };
}

/** It opens a form. */
export function opensForm({ body }: InteractionReply): boolean {
  return body['type'] === callbackType.modal;
}

/** A list for one person, as the answer to a command. */
export function listReply(list: PendingList, guild: string | null): Json {
  return { type: callbackType.message, data: listMessage(list, guild) };
}

/** Replaces the list that was pressed. */
export function listUpdateReply(list: PendingList, guild: string | null): Json {
  return { type: callbackType.update, data: listUpdate(list, guild) };
}

function renderBody(answer: Exclude<PressAnswer, { type: 'details' | 'list' }>, context: PressContext): Json {
  const { written, fromMessage, fromPrivate, page } = context;
  const note = (text: string, more: NoteOptions = {}) =>
    fromPrivate ? privateUpdate(text, more) : privateReply(text, more.written, { button: more.button });
  switch (answer.type) {
    case 'accepted':
      if (fromPrivate) return privateUpdate('Recorded.');
      return fromMessage ? { type: callbackType.deferredUpdate } : privateReply('Recorded.');
    case 'notified':
      return note(answer.text);
    case 'refused':
      return note(answer.text, { written });
    case 'form':
      // Discord does not open a form from a form.
      return written === null
        ? { type: callbackType.modal, data: renderPage(answer.form, page) }
        : note(FORM_AGAIN, { written });
    case 'invalid': {
      const { form, errors } = answer;
      const problemWith = (field: Field) => keysOf(field).flatMap((key) => errors[key] ?? [])[0];
      const wrong = form.fields.filter((field) => problemWith(field) !== undefined);
      const lines = wrong.map((field) => `${field.label}: ${problemWith(field)}`);
      const at = pageWith(form, wrong[0]?.key ?? '');
      const text = `Not sent yet. Your input is saved.\n${lines.join('\n')}`;
      return note(text, { button: buttonTo(form, at, 'Fix') });
    }
    case 'next': {
      const { form } = answer;
      const text = `Page ${page + 1} of ${pageCount(form)} saved. Not sent yet.`;
      return note(text, { button: buttonTo(form, page + 1, `Continue to page ${page + 2}`) });
    }
  }
}

interface NoteOptions {
  written?: string | null;
  button?: Json | undefined;
}

/** A button that opens a page of the form: a form can’t be answered by a form. */
function buttonTo(form: Form, at: number, label: string): Json {
  // The button is in a message of its own, not in the list.
  const { list: _, ...buttonId } = form.buttonId;
  const id = encodeButtonId({ ...buttonId, page: { at, of: pageCount(form) } });
  return { type: 1, components: [{ type: 2, style: 1, label, custom_id: id }] };
}

/** Replaces the private message that the form was opened from. */
function privateUpdate(text: string, { written = null, button }: NoteOptions = {}): Json {
  const { data } = privateReply(text, written, { button }) as { data: Json };
  const { flags: _, ...rest } = data;
  return { type: callbackType.update, data: { embeds: [], components: [], ...rest } };
}

/**
 * A message for one person.
 * @param written what the person wrote, returned so that it is not lost
 * @param options.rooms channels that are linked after the text
 */
export function privateReply(
  text: string,
  written: string | null = null,
  { rooms = [], at, button }: { rooms?: readonly string[]; at?: number | undefined; button?: Json | undefined } = {},
): Json {
  const moment = at === undefined ? '' : ` <t:${Math.round(at / 1_000)}:F>`;
  const links = `${rooms.map((room) => ` <#${room}>`).join(',')}${moment}`;
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

/** The private answer to a command, with its buttons. */
export function commandReply(text: string, { rooms, at, buttons = [] }: Omit<CommandAnswer, 'text'>): Json {
  const drawn = buttons.flatMap((button): Json[] => {
    const id = encodeCommandButton(button);
    return id === null ? [] : [{ type: 2, style: buttonStyles.plain, label: button.label, custom_id: id }];
  });
  return privateReply(text, null, {
    rooms,
    at,
    button: drawn.length === 0 ? undefined : { type: 1, components: drawn },
  });
}

/** Choices for an option while the person types. */
export function suggestions(choices: readonly { name: string; value: string }[]): Json {
  return { type: callbackType.suggestions, data: { choices: [...choices] } };
}
