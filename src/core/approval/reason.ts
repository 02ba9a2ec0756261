/**
 * Why an approval is not settled, or how it came to its outcome: a code with its data. `core/view/reasons.ts` writes the
 * sentence. Tested in test/core/view/reasons.test.ts.
 */
import { z } from 'zod';
import { storedObject } from '../text/stored-object.ts';
import { unfollowedReasons } from './unfollowed.ts';

const codedReasonSchema = z.discriminatedUnion('code', [
  /** What a backend, or the connection to it, said. */
  storedObject({ code: z.literal('text'), text: z.string() }),
  /** It was announced with other parameters after it was decided. */
  storedObject({ code: z.literal('request_changed') }),
  /** Countersign stopped while the decision was being sent. */
  storedObject({ code: z.literal('interrupted') }),
  /** Countersign stopped while the application's own call passed through. */
  storedObject({ code: z.literal('application_interrupted') }),
  /** The application's own call was not forwarded. */
  storedObject({ code: z.literal('not_forwarded') }),
  /** This database is a copy. `madeAt`: of which moment, ms since 1970; null where it is unknown. */
  storedObject({ code: z.literal('restored'), madeAt: z.number().nullable() }),
  /** It left the backend's list of what is pending. */
  storedObject({ code: z.literal('unlisted') }),
  /** The run ended before a decision. */
  storedObject({ code: z.literal('run_ended') }),
  /** The policy's own end came, and its backend is left to its own deadline. */
  storedObject({ code: z.literal('left') }),
  /** The backend does not answer. */
  storedObject({ code: z.literal('no_answer') }),
  /** Of a note: why there is no card. `times`: how many runs it reports. */
  storedObject({ code: z.literal('unfollowed'), why: z.enum(unfollowedReasons), times: z.number() }),
]);

export type Reason = z.infer<typeof codedReasonSchema>;

/** Earlier versions stored a text. */
export const reasonSchema = z.union([
  z.string().transform((text): Reason => ({ code: 'text', text })),
  codedReasonSchema,
]);

/** As it arrives in an input: a text is what a backend said. */
export type GivenReason = string | Reason;
