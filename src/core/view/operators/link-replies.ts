/** Private answers to `/countersign link` and `unlink`. Pure. Tested in test/core/view/operators/replies.test.ts. */
import { actorName, platformName } from '../../approval/names.ts';
import type { Actor } from '../../approval/parts/decision.ts';
import { accountKey } from '../../policy/operators/people.ts';
import { duration } from '../../text/numbers.ts';
import { quoted } from '../../text/visible/quoted.ts';
import { COMMAND, type CommandAnswer } from '../command.ts';

const NAME_MAX = 82;

/** Names are chosen by their people: the ID says who it is. */
export function accountText(actor: Actor): string {
  return `${quoted(actorName(actor), NAME_MAX)} in ${platformName(actor.platform)} (ID ${actor.id})`;
}

/** @param source the policy's file; null: there is none */
export function linksOffText(source: string | null): string {
  const where = source ?? 'the policy file, and there is none';
  return source === null
    ? `Accounts can’t be linked here: that is allowed in ${where}.`
    : `Accounts can’t be linked here: ${where} does not allow it. Whoever runs Countersign can add “links: on” to it.`;
}

export function codeText(code: string, leftMs: number): string {
  return (
    `Your code: ${code}\nWithin ${duration(leftMs)}, type “${COMMAND} link ${code}” with your other account, on the other ` +
    `platform. Give the code to nobody. Then type “${COMMAND} link” here once more, and confirm.`
  );
}

/** To the account that typed the code, and to the one that asked for it. */
export function confirmAnswer(other: Actor, hasConfirmed: boolean): CommandAnswer {
  const who = accountText(other);
  if (hasConfirmed) return reply(waitsText(other));
  return {
    text:
      `Is ${who} you? Confirm only then: afterwards both accounts are one person. What either may decide or operate, ` +
      'both may, and together they give one signature. Operators are told.',
    rooms: [],
    buttons: [{ label: 'Confirm: it is me', typed: `confirm ${accountKey(other)}` }],
  };
}

export function waitsText(other: Actor): string {
  const where = platformName(other.platform);
  return `Confirmed here. Now confirm in ${where}: type “${COMMAND} link” there. Until then nothing has changed.`;
}

export function linkedText(other: Actor): string {
  return `Linked: you and ${accountText(other)} are one person now. End it with “${COMMAND} unlink”.`;
}

export function alreadyLinkedAnswer(other: Actor): CommandAnswer {
  return {
    text: `You are linked with ${accountText(other)}: you are one person here.`,
    rooms: [],
    buttons: [{ label: 'Unlink', typed: 'unlink' }],
  };
}

export function unlinkedText(other: Actor | null): string {
  return other === null
    ? 'You are not linked with another account.'
    : `Unlinked: you and ${accountText(other)} are two people again, unless the policy file says otherwise.`;
}

/** Why two accounts are not linked. */
export type LinkRefusal =
  | 'wrong_code'
  | 'too_many'
  | 'own_code'
  | 'same_platform'
  | 'two_people'
  | 'one_person'
  | 'linked'
  | 'nothing_to_confirm';

export function linkRefusalText(refusal: LinkRefusal): string {
  return `${refusals[refusal]} Nothing has changed.`;
}

const refusals: Record<LinkRefusal, string> = {
  wrong_code: `This code is wrong, was used, or is too old. Get a new one: type “${COMMAND} link” with your other account.`,
  too_many: 'Too many wrong codes. Wait for some minutes, then get a new code.',
  own_code: 'This is your own code. Type it with your other account, on the other platform.',
  same_platform: 'Both accounts are on the same platform. Only accounts of different platforms can be linked.',
  two_people:
    'The policy file names these accounts as two people, and it counts. Whoever runs Countersign can change it.',
  one_person: 'The policy file names these accounts as one person already.',
  linked: `One of these accounts is linked already. End that first: “${COMMAND} unlink”.`,
  nothing_to_confirm: `There is nothing to confirm any more. Begin again: “${COMMAND} link”.`,
};

function reply(text: string): CommandAnswer {
  return { text, rooms: [] };
}
