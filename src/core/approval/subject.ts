/**
 * What a person decides on. The views read these fields of a pause and no others, the fingerprint covers all of them, and
 * the answer goes to their `address`. So what is shown is what is signed, and what is signed is what is sent.
 * Tested in test/hostile/every-field.test.ts.
 */
import { canonical } from '../text/canonical.ts';
import type { Approval } from './approval.ts';
import type { Pause } from './pause/pause.ts';

/** The fields that the fingerprint covers, the most important first: differences are listed in this order. */
export const boundFields = [
  'tool',
  'parameters',
  'repeated',
  'prompt',
  'cautions',
  'unknownCall',
  'description',
  'asker',
  'askerId',
  'requester',
  'contact',
  'reason',
  'actions',
  'hidden',
  'labels',
  'backend',
  'kind',
  'key',
  'runId',
  'address',
  'missing',
  'unshowable',
] as const satisfies readonly (keyof Pause)[];

/** The fields that it does not cover, each with the reason. */
export const unboundFields = {
  askedAt: 'When the backend asked does not change what is decided.',
  deadline: 'When the backend gives up does not change what is decided, and a later announcement may move it.',
  expiry: 'It says how the deadline is kept. Where a decision is sent is in `address`.',
  hiddenLater: 'It is of other calls. What is kept hidden of this one is in `hidden`.',
  groupId: 'Which answers share one call. It changes with every stream, and each answer is bound by its own key.',
  room: 'Where the run was started. It picks the rule, and what the rule requires is stored beside the pause.',
  trace: 'Which trace its spans are in. Nobody decides on that.',
  wire: 'For the backend only, and shown nowhere. What of it the answer goes to is in `address`.',
} as const satisfies Partial<Record<keyof Pause, string>>;

type Bound = (typeof boundFields)[number];
type Unbound = keyof typeof unboundFields;

/** A field of a pause is bound, or it is not and there is a reason: the compiler refuses a third kind. */
type Unlisted = Exclude<keyof Pause, Bound | Unbound>;
const _everyFieldIsListed: [Unlisted] extends [never] ? true : Unlisted = true;

export type Subject = Pick<Pause, Bound>;

type ShownOf<A> = A extends Approval
  ? Omit<A, 'pause' | 'previous'> & {
      pause: Subject & Pick<Pause, 'deadline' | 'askedAt' | 'expiry'>;
      previous: Approval['previous'];
    }
  : never;
/** An approval as the views see it. */
export type Shown = ShownOf<Approval>;

export function subjectOf(pause: Pause): Subject {
  return Object.fromEntries(boundFields.map((field) => [field, pause[field]])) as Subject;
}

/** A text that differs where two subjects differ: what the fingerprint is a hash of. */
export function subjectText(pause: Pause): string {
  const { hidden, actions, ...subject } = subjectOf(pause);
  return canonical({ ...subject, hidden: [...hidden].sort(), actions: [...actions].sort() });
}

/** Length of the fingerprints of older versions, which covered only the tool, the parameters and the hidden names. */
const OUTDATED_FINGERPRINT = 10;

/**
 * Whether a pause is what people were shown.
 * @param pause as it would be stored, redacted
 * @param fingerprint of the pause as it was sent
 */
export function isSameSubject(known: Pick<Approval, 'fingerprint' | 'pause'>, pause: Pause, fingerprint: string) {
  if (known.fingerprint === fingerprint) return true;
  // Found for the first time since an upgrade: the same request, whose fingerprint now covers more.
  if (known.fingerprint.length !== OUTDATED_FINGERPRINT) return false;
  const covered = ({ tool, parameters, hidden }: Pause) => canonical({ tool, parameters, hidden: [...hidden].sort() });
  return covered(known.pause) === covered(pause);
}
