/** Slack's interaction payloads, read at the edge into a press of ours or into the reason why it is none. */
import { z } from 'zod';
import type { Press } from '../../../core/ports/ports.ts';
import { sized } from '../../../core/text/sized.ts';
import { type ButtonId, parseButtonId } from '../../../core/view/button-id.ts';
import { readFields } from '../render/fields.ts';
import type { FormOrigin } from '../render/form.ts';
import { ACTION_PREFIX } from '../render/message.ts';

/** Where one person can be told something that nobody else sees. */
export interface ReplyTarget extends FormOrigin {
  user: string;
  responseUrl: string | null;
  /** Pressed in the home tab, where nothing can be said privately: the tab itself says it. */
  inHome: boolean;
}

/** `foreign`: made in another workspace. `unreadable`: not what a card or form of ours sends. */
export type Unsupported = 'foreign' | 'unreadable';

export type ParsedPress =
  | { type: 'press'; press: Press; aside: ReplyTarget }
  | { type: 'unsupported'; reason: Unsupported; aside: ReplyTarget | null };

const team = z.object({ id: z.string() }).nullish();
const user = z.object({
  id: z.string(),
  username: z.string().nullish(),
  name: z.string().nullish(),
  team_id: z.string().nullish(),
});

export const clickSchema = z.object({
  team,
  user,
  channel: z.object({ id: z.string() }).nullish(),
  message: z.object({ ts: z.string(), thread_ts: z.string().nullish() }).nullish(),
  response_url: z.string().nullish(),
  /** The modal or the home tab that the button stands in, if it does. */
  view: z.object({ id: z.string(), type: z.string().nullish() }).nullish(),
  trigger_id: z.string(),
  actions: z
    .array(z.object({ action_id: z.string(), action_ts: z.string(), value: z.string().nullish() }))
    .refine(sized(1)),
});

export type Click = z.infer<typeof clickSchema>;

const submissionSchema = z.object({
  team,
  user,
  view: z.object({
    id: z.string(),
    private_metadata: z.string(),
    submit: z.object({ text: z.string() }).nullish(),
    state: z.object({ values: z.record(z.string(), z.record(z.string(), z.unknown())) }),
  }),
});

const metadataSchema = z.object({
  aim: z.string(),
  channel: z.string().nullable(),
  thread: z.string().nullable(),
  /** Forms that were opened by an earlier version have none. */
  responseUrl: z.string().nullable().default(null),
});

/** What a click lets us open: a modal within three seconds, or another page in the modal that it came from. */
export interface ModalTrigger {
  trigger: string;
  viewId: string | null;
}

/** A button. @param home the workspace that the bot belongs to */
export function parseClick(body: unknown, home: string): ParsedPress & { opening: ModalTrigger } {
  const read = clickSchema.safeParse(body);
  const action = read.data?.actions[0];
  if (!read.success || action === undefined) {
    return { type: 'unsupported', reason: 'unreadable', aside: null, opening: { trigger: '', viewId: null } };
  }
  const { data } = read;
  const root = data.message?.thread_ts ?? null;
  const inHome = data.view?.type === 'home';
  const aside = {
    user: data.user.id,
    channel: data.channel?.id ?? null,
    // The root of a thread stands in the room itself.
    thread: root === data.message?.ts ? null : root,
    responseUrl: data.response_url ?? null,
    inHome,
  };
  const opening = { trigger: data.trigger_id, viewId: inHome ? null : (data.view?.id ?? null) };
  if (!isOwnWorkspace(data, home)) return { type: 'unsupported', reason: 'foreign', aside, opening };
  const aim = parseButtonId(action.value ?? '');
  if (aim === null || !isNamed(action.action_id, aim)) {
    return { type: 'unsupported', reason: 'unreadable', aside, opening };
  }
  const press = {
    // A click is one instant of one person; delivered again, it has the same `action_ts`.
    id: ['slack', home, data.user.id, action.action_ts, action.action_id].join(':'),
    platform: 'slack',
    actor: actorOf(data.user),
    roles: [],
    aim,
    form: null,
  };
  return { type: 'press', press, aside, opening };
}

/** A form's submission. @param home the workspace that the bot belongs to */
export function parseSubmission(body: unknown, home: string): ParsedPress & { submit: string } {
  const read = submissionSchema.safeParse(body);
  if (!read.success) return { type: 'unsupported', reason: 'unreadable', aside: null, submit: '' };
  const { data } = read;
  const { view } = data;
  const metadata = readMetadata(view.private_metadata);
  const aside = {
    user: data.user.id,
    channel: metadata?.channel ?? null,
    thread: metadata?.thread ?? null,
    responseUrl: metadata?.responseUrl ?? null,
    inHome: false,
  };
  const submit = view.submit?.text ?? 'Submit';
  if (!isOwnWorkspace(data, home)) return { type: 'unsupported', reason: 'foreign', aside, submit };
  const aim = parseButtonId(metadata?.aim ?? '');
  const form = readFields(view.state.values);
  if (aim === null || Object.keys(form).length === 0)
    return { type: 'unsupported', reason: 'unreadable', aside, submit };
  const press = {
    // One open modal can be recorded once: a second submission of it is the first one, sent again after a lost answer.
    id: ['slack', home, data.user.id, view.id].join(':'),
    platform: 'slack',
    actor: actorOf(data.user),
    roles: [],
    aim,
    form,
  };
  return { type: 'press', press, aside, submit };
}

/** A button is named by its action; two of one action by their page, or in a list by the number of their item, too. */
function isNamed(actionId: string, { action, shown, list }: ButtonId): boolean {
  const name = `${ACTION_PREFIX}${action}`;
  if (actionId === name) return true;
  if (list !== undefined) return actionId.startsWith(`${name}.`) && /^\d{1,9}$/.test(actionId.slice(name.length + 1));
  return action === 'details' && actionId === `${name}.${shown}`;
}

/** Both the place and the person: in a channel shared with another workspace they differ. */
export function isOwnWorkspace(
  data: { team?: z.infer<typeof team>; user: z.infer<typeof user> },
  home: string,
): boolean {
  const teams = [data.team?.id, data.user.team_id].filter((id) => id !== undefined && id !== null);
  return teams.length > 0 && teams.every((id) => id === home);
}

export function personOf(person: z.infer<typeof user>): Pick<Press, 'actor' | 'roles'> {
  return { actor: actorOf(person), roles: [] };
}

function actorOf({ id, name, username }: z.infer<typeof user>): Press['actor'] {
  return { platform: 'slack', id, name: name || username || id };
}

function readMetadata(text: string): z.infer<typeof metadataSchema> | null {
  try {
    return metadataSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
