/**
 * Deciding several requests of a digest at once: the form, what it sends back, and the private answer. Pure. Tested in
 * test/engine/outbox/group-into-digest.test.ts and test/fuzz/views/digests.test.ts.
 */

import { canBeDecided, type Digest, MEMBERS_MAX } from '../../approval/digest.ts';
import { askerPhrase } from '../../approval/names.ts';
import type { Action } from '../../approval/pause/pause.ts';
import type { Shown } from '../../approval/subject.ts';
import { type Field, type Filled, initialOf, type Option } from '../../form/form.ts';
import { clip, clipEnds } from '../../text/clip.ts';
import { counted } from '../../text/numbers.ts';
import type { SharedAction } from '../button-id.ts';
import { linesOf, REASON_MARK, roomOf, sharedOf } from '../cards/digest/lines.ts';
import { noteOf } from '../cards/digest/states.ts';
import { digestTitle, textsOf } from '../cards/digest/texts.ts';
import { totalOf } from '../content/facts/total.ts';
import { actionLabels } from '../labels.ts';
import type { Form } from './decision-form.ts';
import { formFor } from './decision-form.ts';
import type { FormSection } from './form-context.ts';
import { type FormSettings, formRuleOf } from './form-rule.ts';

/** What is decided by each of these; the third decides nothing. */
export const bulkActions = { approve_several: 'approve', reject_several: 'reject' } as const;
export type BulkAction = keyof typeof bulkActions;

/** The field that says which ones. */
export const WHICH = 'which';
/** Of an option, with its number: Slack shows 75 characters. */
const OPTION_MAX = 72;
const ABOUT_MAX = 300;
/** Of one in a list of what was not recorded. */
const NAMED_MAX = 50;

const titles = { approve_several: 'Approve requests', reject_several: 'Reject requests' } as const;

export function isSharedAction(action: string): action is SharedAction {
  return action === 'one_by_one' || action in bulkActions;
}

/**
 * The form behind *Approve several* and *Reject several*.
 * @param offered those of its members that this person may decide now
 * @param filled what they filled in before; null: it opens as it is
 */
export function bulkForm(
  action: BulkAction,
  digest: Digest<Shown>,
  offered: readonly Shown[],
  settings: FormSettings,
  filled: Filled | null,
  hash: Hash,
): Form {
  const [first] = offered.length > 0 ? offered : digest.members;
  if (first === undefined) throw new Error(`digest ${digest.id} has no members`);
  const { fields, submit } = reasonForm(action, strictestOf(action, digest, settings), settings);
  const form = { shape: 'object' as const, fields: [whichField(digest, offered, hash), ...fields] };
  const about = `${askerPhrase(first, 'the backend')}: ${digestTitle(digest)}. Each request is decided separately.`;
  return {
    ...form,
    buttonId: { approvalId: digest.id, action, fingerprint: '0' },
    title: titles[action],
    about: clip(about, ABOUT_MAX),
    context: [requestsOf(digest, offered)],
    submit,
    filled: { ...initialOf(form), ...filled },
  };
}

/** The member whose rule asks for the most: what is written counts for each that is chosen. */
export function strictestOf(action: BulkAction, { members, id }: Digest<Shown>, settings: FormSettings): Shown {
  const [first] = members;
  if (first === undefined) throw new Error(`digest ${id} has no members`);
  const isRequired = (member: Shown) => formRuleOf(member, bulkActions[action], settings).note === 'required';
  return members.find((member) => canBeDecided(member, id) && isRequired(member)) ?? first;
}

/** The note or the reason, by the same rules as on a card of its own; a deliberate yes is asked for there only. */
export function reasonForm(action: BulkAction, member: Shown, settings: FormSettings): Form {
  const buttonId = { approvalId: member.id, action: bulkActions[action], fingerprint: member.fingerprint };
  return formFor(buttonId, { ...member, confirm: false }, settings, null);
}

/** Below each other, as on the card: the form covers it. */
function requestsOf(digest: Digest<Shown>, offered: readonly Shown[]): FormSection {
  const sharesReason = sharedOf(digest.members, 'reason');
  const only = new Set(offered.map(({ id }) => id));
  const { text } = linesOf(digest, { max: roomOf(textsOf(digest)), sharesReason, only });
  const hasReasons = !sharesReason && offered.some(({ pause }) => pause.reason !== null);
  return {
    label: hasReasons ? `Requests (${REASON_MARK.trim()} is what the agent writes, unverified)` : 'Requests',
    text,
  };
}

function whichField(digest: Digest<Shown>, offered: readonly Shown[], hash: Hash): Field {
  const ids = new Set(offered.map(({ id }) => id));
  const { plain } = textsOf(digest);
  const options = digest.members.flatMap((member, index) => {
    if (!ids.has(member.id)) return [];
    const number = `${index + 1}. `;
    const label = `${number}${clipEnds(plain[index] ?? '', OPTION_MAX - number.length)}`;
    return [{ value: member.id, label, note: noteOf(member, digest.id), name: nameOf(member) }];
  });
  return {
    kind: 'choice',
    key: WHICH,
    path: [WHICH],
    label: 'Which ones?',
    hint: 'Choose one or more. Numbered as above and on the card.',
    required: true,
    many: true,
    options: offered.length > 1 ? [allOption(offered, hash), ...options] : options,
    min: 1,
    max: null,
    other: null,
    initial: [],
  };
}

type Hash = (text: string) => string;
const ALL = 'all.';

/** `All 12 · 1240.50 EUR` */
function allOption(offered: readonly Shown[], hash: Hash): Option {
  const total = totalOf(offered.map(({ pause }) => pause));
  const label = `All ${offered.length}${total === null ? '' : ` · ${total} in total`}`;
  return { value: 'all', label: clip(label, OPTION_MAX), note: '', name: allName(offered, hash) };
}

/** Bound to all that were offered, as they were shown: where one of them has changed, it is another name. */
function allName(offered: readonly Shown[], hash: Hash): string {
  return `${ALL}${hash(offered.map(nameOf).join('\n'))}`;
}

/** Bound to what was shown: the choice is for these parameters, even if they change before it is submitted. */
function nameOf({ id, fingerprint }: Shown): string {
  return `${id}.${fingerprint}`;
}

export interface Chosen {
  approvalId: string;
  fingerprint: string;
}

/**
 * Null where it is not what such a form sends; `changed` where all were chosen, and that is no longer what was shown.
 * @param offered those that this person may decide now
 */
export function chosenIn(filled: Filled, offered: readonly Shown[], hash: Hash): readonly Chosen[] | 'changed' | null {
  const names = filled[WHICH];
  if (names === undefined || typeof names === 'string' || names.length > MEMBERS_MAX + 1) return null;
  const all = names.find((name) => name.startsWith(ALL));
  if (all !== undefined) {
    if (all !== allName(offered, hash)) return 'changed';
    return offered.map(({ id, fingerprint }) => ({ approvalId: id, fingerprint }));
  }
  const chosen = new Map<string, Chosen>();
  for (const name of names) {
    const [, approvalId, fingerprint] = /^([A-Za-z0-9_-]{1,40})\.([A-Za-z0-9_-]{1,24})$/.exec(name) ?? [];
    if (approvalId === undefined || fingerprint === undefined) return null;
    chosen.set(approvalId, { approvalId, fingerprint });
  }
  return [...chosen.values()];
}

/** What came of one of them. `text`: why it was not recorded. */
export interface BulkResult {
  approvalId: string;
  text: string | null;
  /** It is signed, and waits for others. Default: no. */
  isWaiting?: boolean;
}

/** The private answer to its sender. */
export function bulkText(action: Action, digest: Digest<Shown>, results: readonly BulkResult[]): string {
  const recorded = results.filter(({ text }) => text === null).length;
  const refused = results.filter(({ text }) => text !== null);
  const waiting = results.filter(({ isWaiting }) => isWaiting === true).length;
  const waits = waiting === 0 ? '' : ` ${waiting} of them ${waiting === 1 ? 'waits' : 'wait'} for others to sign.`;
  const done =
    recorded === 0
      ? 'Nothing was recorded.'
      : `You pressed ${actionLabels[action]} for ${counted(recorded, 'request')}.${waits} The card shows when each is confirmed.`;
  if (refused.length === 0) return done;
  const { plain } = textsOf(digest);
  const lines = refused.map(({ approvalId, text }) => {
    const index = digest.members.findIndex(({ id }) => id === approvalId);
    const what = index < 0 ? 'A request' : `${index + 1}. ${clipEnds(plain[index] ?? '', NAMED_MAX)}`;
    return `${what}: ${text}`;
  });
  const heading = recorded === 0 ? '' : `\n${refused.length === 1 ? '1 was' : `${refused.length} were`} not recorded:`;
  return `${done}${heading}\n${lines.join('\n')}`;
}
