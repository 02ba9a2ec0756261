/** How far the signatures of a decision are, and which no longer count. Pure. Tested in test/core/view/cards/signing/lines.test.ts. */
import type { Actor } from '../../../approval/parts/decision.ts';
import type { Voided } from '../../../approval/parts/signature.ts';
import type { Action } from '../../../approval/pause/pause.ts';
import { type Act, actsOf } from '../../../approval/steps/signing/acts.ts';
import type { Shown, Subject } from '../../../approval/subject.ts';
import { counted } from '../../../text/numbers.ts';
import type { Span } from '../../card.ts';
import { labelOf } from '../../labels.ts';
import { countText, missingText } from './tally-text.ts';

/** Names in one list; further ones are counted. */
const NAMED_MAX = 4;
/** Things that several people sign and that one card lists; further ones are counted. */
const ACTS_MAX = 3;

/** `1 of 2 approvals: Mara; waits for legal.` Empty where no one has signed. */
export function signedText(approval: Shown): Span[] {
  const acts = actsOf(approval);
  const shown = acts.slice(0, ACTS_MAX).map((act): Span[] => [...actText(act, approval.pause), { strong: '.' }]);
  const more = acts.length - shown.length;
  const lines = shown.flatMap((spans, index) => (index === 0 ? spans : [' ', ...spans]));
  return more === 0 ? lines : [...lines, ` ${more} more ${more === 1 ? 'answer is' : 'answers are'} proposed.`];
}

function actText({ signature, signers, tally }: Act, pause: Subject): Span[] {
  const count = `${countText(tally)} ${nounOf(signature.action, pause)}: `;
  const missing = missingText(tally);
  return [{ strong: count }, ...namesOf(signers, true), { strong: missing === '' ? '' : `; waits for ${missing}` }];
}

const nouns: ReadonlyMap<string, string> = new Map([
  ['Approve', 'approvals'],
  ['Reject', 'rejections'],
  ['Answer', 'signatures for this answer'],
]);

function nounOf(action: Action, pause: Subject): string {
  const label = labelOf(action, pause);
  return nouns.get(label) ?? `for “${label}”`;
}

/** `Mara, Jon and 2 more` */
export function namesOf(people: readonly Actor[], strong: boolean): Span[] {
  const named = people.slice(0, people.length > NAMED_MAX ? NAMED_MAX - 1 : NAMED_MAX);
  const more = people.length - named.length;
  const say = (text: string): Span => (strong ? { strong: text } : text);
  return [
    ...named.flatMap((person, index): Span[] => {
      const isLast = index === people.length - 1;
      const mark = index === 0 ? [] : [say(isLast ? ' and ' : ', ')];
      return [...mark, strong ? { person, strong } : { person }];
    }),
    ...(more === 0 ? [] : [say(` and ${more} more`)]),
  ];
}

const whys: Record<Exclude<Voided['why'], 'withdrawn'>, string> = {
  changed: 'the request has changed since.',
  rights: 'they may no longer decide this.',
  restored: 'this was restored from a backup. Sign again.',
  same_person: 'it is of the same person as another one.',
};

/** Several people decided on what has changed: they are named, and the press of one of them needs no sentence of its own. */
export function isEachNamed({ voided, detail }: Pick<Shown, 'voided' | 'detail'>): boolean {
  return detail?.code === 'request_changed' && voided.filter(({ why }) => why === 'changed').length > 1;
}

/** `2 signatures no longer count: the request has changed since.` */
export function voidedText({ voided, detail }: Shown): Span[] {
  const reasons = ['changed', 'rights', 'restored', 'same_person'] as const;
  // One press that no longer counts is what the status says already.
  const isSaid = detail?.code === 'request_changed';
  const gone = reasons.flatMap((why): Span[] => {
    const people = voided.filter((one) => one.why === why).map(({ actor }) => actor);
    if (people.length === 0 || (isSaid && why === 'changed' && people.length === 1)) return [];
    const what = people.length === 1 ? 'The signature of ' : `${counted(people.length, 'signature')} (`;
    const end = people.length === 1 ? ' no longer counts: ' : ') no longer count: ';
    return [' ', what, ...namesOf(people, false), `${end}${whys[why]}`];
  });
  const back = voided.filter(({ why }) => why === 'withdrawn').map(({ actor }) => actor);
  return back.length === 0
    ? gone
    : [...gone, ' ', ...namesOf(back, false), ` withdrew ${back.length === 1 ? 'a signature' : 'their signatures'}.`];
}

/** Some had signed, and it ended before there were enough. */
export function hadSignedText({ signatures }: Shown): Span[] {
  const people = signatures.map(({ actor }) => actor);
  return people.length === 0 ? [] : [' Signed before by ', ...namesOf(people, false), '.'];
}
