/** Whom a call names as the one who asked for its run. Tested in test/backends/runtype/gateway/requester.test.ts. */
import type { Intake } from '../../../core/ports/ports.ts';
import { clip } from '../../../core/text/clip.ts';
import type { Refusal } from './head.ts';
import { headerOf, REQUESTER_HEADER } from './headers.ts';

/** Of a name that is repeated in an answer, characters. */
const SHOWN_MAX = 100;

/**
 * @param name of the caller's key in the settings; null: it has none
 * @returns the person, as the policy names people; null: the call names no one; or a refusal, as a requester who is dropped
 * or does not exist would exclude no one
 */
export function requesterIn(
  rawHeaders: readonly string[],
  name: string | null,
  intake: Pick<Intake, 'requesterNamed'>,
): { requester: string | null } | { refusal: Refusal } {
  const value = headerOf(rawHeaders, REQUESTER_HEADER);
  if (value === null) return { requester: null };
  // Node reads the bytes of headers as Latin-1.
  const given = Buffer.from(value, 'latin1').toString('utf8').trim();
  const named = intake.requesterNamed(given, name);
  if (named.type === 'named') return { requester: named.requester };
  return { refusal: named.type === 'refused' ? refused(name) : unknown(given) };
}

function refused(name: string | null): Refusal {
  const remedy =
    name === null
      ? 'This key has no name, or is not one of GATEWAY_KEYS. Write NAME=KEY there, and add NAME to "requesters:" of the policy file'
      : `The key ${name} may not say who asked. Add ${name} to "requesters:" of the policy file`;
  const message = `${remedy}, or leave out the header ${REQUESTER_HEADER}.`;
  return { status: 403, error: 'Forbidden', message };
}

function unknown(given: string): Refusal {
  const who =
    given === '' ? 'The header is empty.' : `The policy file has no person ${JSON.stringify(clip(given, SHOWN_MAX))}.`;
  const message = `${who} Write a name under "people:", an account such as slack:U0123, or the e-mail address of a person (email:…) in ${REQUESTER_HEADER}.`;
  return { status: 422, error: 'Unprocessable Content', message };
}
