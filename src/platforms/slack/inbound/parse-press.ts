/** Slack’s interaction payloads, parsed at the edge into one of our presses or into the reason why it is none. */
import { z } from 'zod';
import type { Person } from '../../../core/approval/person.ts';
import type { ClosedForm, ForeignReason, Press } from '../../../core/ports/ports.ts';
import { sized } from '../../../core/text/clip.ts';
import { type ButtonId, parseButtonId } from '../../../core/view/button-id.ts';
import type { PressedMessage } from '../api/press-edits.ts';
import { readFields } from '../render/fields.ts';
import type { FormOrigin, ModalClaim } from '../render/form.ts';
import { ACTION_PREFIX } from '../render/message.ts';
import { enterpriseSchema, type Organisation, type Origin, teamSchema } from './organisation.ts';

/** Where a private answer to one person goes. */
export interface ReplyTarget extends FormOrigin {
  user: string;
  responseUrl: string | null;
  /** Pressed in the home tab, where no private message is possible: the tab itself shows the result. */
  inHome: boolean;
}

/**
 * `foreign`: from another organisation, or another workspace without one. `unverified`: that is not known yet.
 * `unreadable`: not what one of our cards or forms sends.
 */
export type Unsupported = 'foreign' | 'unverified' | 'unreadable';

/** The same for the audit log. */
export const foreignReasons = {
  foreign: 'workspace',
  unverified: 'unverified',
  unreadable: 'unreadable',
} as const satisfies Record<Unsupported, ForeignReason>;

/** `pressed`: of a button on a message that its press allows to be edited. */
export type ParsedPress =
  | { type: 'press'; press: Press; target: ReplyTarget; pressed: PressedMessage | null }
  | { type: 'unsupported'; reason: Unsupported; target: ReplyTarget | null };

/** What a click allows us to open: a modal within three seconds, or another page in the modal that it came from. */
export interface ModalTrigger {
  triggerId: string;
  viewId: string | null;
}

const user = z.object({
  id: z.string(),
  username: z.string().nullish(),
  name: z.string().nullish(),
  team_id: z.string().nullish(),
});

export const clickSchema = z.object({
  team: teamSchema,
  enterprise: enterpriseSchema,
  user,
  channel: z.object({ id: z.string() }).nullish(),
  message: z.object({ ts: z.string(), thread_ts: z.string().nullish() }).nullish(),
  response_url: z.string().nullish(),
  /** The modal or the home tab with the button, if there is one. */
  view: z.object({ id: z.string(), type: z.string().nullish(), private_metadata: z.string().nullish() }).nullish(),
  trigger_id: z.string(),
  actions: z
    .array(z.object({ action_id: z.string(), action_ts: z.string(), value: z.string().nullish() }))
    .refine(sized(1)),
});

export type Click = z.infer<typeof clickSchema>;

const submissionSchema = z.object({
  team: teamSchema,
  enterprise: enterpriseSchema,
  user,
  view: z.object({
    id: z.string(),
    /** Another one once the modal shows something else. */
    hash: z.string().nullish(),
    private_metadata: z.string(),
    submit: z.object({ text: z.string() }).nullish(),
    state: z.object({ values: z.record(z.string(), z.record(z.string(), z.unknown())) }),
  }),
});

/** Where a modal was opened: its presses name no channel. */
const originSchema = z.object({
  channel: z.string().nullable(),
  thread: z.string().nullable(),
  claim: z.object({ approvalId: z.string(), form: z.string() }).optional(),
});

const metadataSchema = originSchema.extend({
  aim: z.string(),
  /** Absent in forms that an earlier version opened. */
  responseUrl: z.string().nullable().default(null),
});

/** Parses a button press. */
export function parseClick(body: unknown, organisation: Organisation): ParsedPress & { trigger: ModalTrigger } {
  const { data } = clickSchema.safeParse(body);
  const action = data?.actions[0];
  if (data === undefined || action === undefined) {
    return { type: 'unsupported', reason: 'unreadable', target: null, trigger: { triggerId: '', viewId: null } };
  }
  const root = data.message?.thread_ts ?? null;
  const inHome = data.view?.type === 'home';
  const metadata = data.view?.private_metadata ?? '';
  // A press on a card has none: an exception for each would cost more than all else that is read of it.
  const origin = metadata === '' ? null : parseMetadata(originSchema, metadata);
  const target = {
    user: data.user.id,
    channel: data.channel?.id ?? origin?.channel ?? null,
    // The root message of a thread is in the channel itself.
    thread: root === data.message?.ts ? null : (root ?? origin?.thread ?? null),
    responseUrl: data.response_url ?? null,
    inHome,
    ...(origin?.claim !== undefined && { claim: origin.claim }),
  };
  const trigger = { triggerId: data.trigger_id, viewId: inHome ? null : (data.view?.id ?? null) };
  const stranger = strangerIn(data, organisation);
  if (stranger !== null) return { type: 'unsupported', reason: stranger, target, trigger };
  const buttonId = parseButtonId(action.value ?? '');
  if (buttonId === null || !isNamed(action.action_id, buttonId)) {
    return { type: 'unsupported', reason: 'unreadable', target, trigger };
  }
  const press = {
    // A click is one moment of one person; a repeated delivery has the same `action_ts`.
    id: ['slack', organisation.teamId, data.user.id, action.action_ts, action.action_id].join(':'),
    platform: 'slack',
    ...personOf(data.user),
    buttonId,
    form: null,
    ...claimFormOf(buttonId, origin?.claim),
  };
  return { type: 'press', press, target, trigger, pressed: pressedIn(data) };
}

/**
 * Null without a message that all see, and for a reply in a thread: Slack documents nothing about replacing one, and it may be
 * shown in the channel, too.
 */
function pressedIn({ channel, message, response_url: url }: Click): PressedMessage | null {
  if (!channel || !message || !url || !URL.canParse(url)) return null;
  if (message.thread_ts && message.thread_ts !== message.ts) return null;
  return { room: channel.id, message: message.ts, url };
}

/** Parses a submitted form. */
export function parseSubmission(body: unknown, organisation: Organisation): ParsedPress & { submitLabel: string } {
  const { data } = submissionSchema.safeParse(body);
  if (data === undefined) return { type: 'unsupported', reason: 'unreadable', target: null, submitLabel: '' };
  const { view } = data;
  const metadata = parseMetadata(metadataSchema, view.private_metadata);
  const target = {
    user: data.user.id,
    channel: metadata?.channel ?? null,
    thread: metadata?.thread ?? null,
    responseUrl: metadata?.responseUrl ?? null,
    inHome: false,
    ...(metadata?.claim !== undefined && { claim: metadata.claim }),
  };
  const submitLabel = view.submit?.text ?? 'Submit';
  const stranger = strangerIn(data, organisation);
  if (stranger !== null) return { type: 'unsupported', reason: stranger, target, submitLabel };
  const buttonId = parseButtonId(metadata?.aim ?? '');
  const form = readFields(view.state.values);
  if (buttonId === null || Object.keys(form).length === 0)
    return { type: 'unsupported', reason: 'unreadable', target, submitLabel };
  const press = {
    // An open modal is recorded once: a second submission of it is a repeat after a lost answer.
    id: ['slack', organisation.teamId, data.user.id, view.id, ...(view.hash ? [view.hash] : [])].join(':'),
    platform: 'slack',
    ...personOf(data.user),
    buttonId,
    form,
    ...claimFormOf(buttonId, metadata?.claim),
  };
  return { type: 'press', press, target, submitLabel, pressed: null };
}

/** Another form in a modal goes on with the claim of the first one. */
function claimFormOf({ approvalId }: ButtonId, claim: ModalClaim | undefined): Pick<Press, 'claimForm'> {
  return claim === undefined || claim.approvalId !== approvalId ? {} : { claimForm: claim.form };
}

const closedSchema = z.object({
  team: teamSchema,
  enterprise: enterpriseSchema,
  user,
  view: z.object({ private_metadata: z.string() }),
});

/** Parses a `view_closed`. Null: nothing was claimed for that modal. */
export function parseClosed(body: unknown, organisation: Organisation): ClosedForm | Unsupported | null {
  const { data } = closedSchema.safeParse(body);
  if (data === undefined) return 'unreadable';
  const stranger = strangerIn(data, organisation);
  if (stranger !== null) return stranger;
  const { claim } = parseMetadata(originSchema, data.view.private_metadata) ?? {};
  return claim === undefined ? null : { ...claim, actor: personOf(data.user).actor };
}

/** The `action_id` is the action; an item of a list adds its number, *Show* its value, and a page of details its number. */
function isNamed(actionId: string, { action, page, mask, list }: ButtonId): boolean {
  const name = `${ACTION_PREFIX}${action}`;
  if (actionId === name) return true;
  if (list !== undefined) return actionId.startsWith(`${name}.`) && /^\d{1,9}$/.test(actionId.slice(name.length + 1));
  if (action === 'details') return page !== undefined && actionId === `${name}.${page.at}`;
  return action === 'show' && [`${name}.${mask}`, `${name}.${mask}.${page?.at}`].includes(actionId);
}

/** Why nothing may be decided with it; null: it is a person of ours. */
export function strangerIn(data: Origin, organisation: Organisation): 'foreign' | 'unverified' | null {
  const whose = organisation.whose(data);
  return whose === 'own' ? null : whose === 'unknown' ? 'unverified' : 'foreign';
}

export function personOf({ id, name, username }: z.infer<typeof user>): Person {
  return { actor: { platform: 'slack', id, name: name || username || id }, roles: [] };
}

function parseMetadata<T>(schema: z.ZodType<T>, text: string): T | null {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
