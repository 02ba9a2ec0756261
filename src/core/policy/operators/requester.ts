/**
 * Whom a key or an asker names as the one who asked. What could be no one must not pass for someone: a requester who does
 * not exist excludes no one from deciding. Tested in test/core/policy/operators/requester.test.ts.
 */
import type { PlatformIds } from '../reviewers.ts';
import type { PolicyDocument } from '../rules/document.ts';
import { whoOf } from '../rules/who.ts';
import { peopleOf } from '../schedules/on-duty.ts';

/** `requester`: the word by which approvals store the person. `refused`: this key may not say who asked. */
export type NamedRequester = { type: 'named'; requester: string } | { type: 'refused' } | { type: 'unknown' };

type Document = Pick<PolicyDocument, 'people' | 'groups' | 'schedules' | 'contacts' | 'requesters'>;

/**
 * @param text a name of the file, an account (`slack:U0123`), or what calendars call a person (`email:mara@example.com`)
 * @param by the name of the key or of the asker that says so; null: it has none
 */
export function requesterNamed(
  text: string,
  by: string | null,
  document: Document,
  ids: readonly PlatformIds[],
): NamedRequester {
  if (by === null || !document.requesters.includes(by)) return { type: 'refused' };
  const requester = personIn(text.trim(), document, ids);
  return requester === null ? { type: 'unknown' } : { type: 'named', requester };
}

function personIn(text: string, document: Document, ids: readonly PlatformIds[]): string | null {
  const who = whoOf(text, document);
  if (who?.kind === 'person') return who.name;
  if (who?.kind !== 'account') return null;
  const { platform, id } = who;
  if (ids.find((one) => one.platform === platform)?.reviewers.user.pattern.test(id) === true) return text;
  // The title of an event is a pattern, and names no one by itself.
  const contacts = platform === 'ical' ? new Map() : (document.contacts ?? new Map());
  const [person] = peopleOf([{ name: text, accounts: [{ platform, id }] }], contacts).who;
  return person?.text ?? null;
}
