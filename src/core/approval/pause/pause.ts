/**
 * A pause as a backend announces it: the question, what it asks about, and where the answer goes.
 * Tested in test/backends/runtype/pause/questions.test.ts and test/fuzz/edges/runtype.test.ts.
 */
import { z } from 'zod';
import { answerFormSchema } from '../../form/form.ts';
import { isRecord } from '../../text/json.ts';
import { storedObject } from '../../text/stored-object.ts';

export const actions = ['approve', 'reject', 'take_over'] as const;
export type Action = (typeof actions)[number];

/** Every key is kept: `z.record` leaves `__proto__` out, and a person would decide on arguments that they do not see. */
const jsonObject = z.custom<Record<string, unknown>>(isRecord, 'expected an object');

/** A question to a person, where the backend asks one. */
const promptSchema = storedObject({
  /** For the card, instead of the tool's name. */
  title: z.string(),
  /** The question with all it offers, for the card, instead of the parameters. Its author's words, as they came. */
  text: z.string(),
  /** What answering it takes; null: free text, where `actions` has `take_over` at all. */
  form: answerFormSchema.nullable(),
  /** Of the free text. */
  hint: z.string().optional(),
  /** What the buttons say, where it isn't what they always say. */
  buttons: z.partialRecord(z.enum(actions), z.string()).optional(),
  /** What has to be known before one presses. */
  caution: z.string().optional(),
});
export type Prompt = z.infer<typeof promptSchema>;

/** Why a pause can't be shown whole, and so not be approved here. */
const unshowableSchema = storedObject({
  /** It is too large, nested too deep, or came in a frame that was not kept. */
  why: z.enum(['size', 'depth', 'frame']),
  /** Of everything that was sent, as JSON. */
  bytes: z.number(),
  /** Of everything that was sent: another hash is another question. */
  hash: z.string(),
});
export type Unshowable = z.infer<typeof unshowableSchema>;

/** What a backend did not say, or not so that it can be read: without it no answer can be sent, or none should be. */
const missing = ['approval_id', 'run', 'tool'] as const;

/** A label of what is asked for in the chat of a website's visitor, for the card, `CONFIRM` and filters. */
export const WEBSITE_LABEL = 'website';

/** The agent answers a website's visitor: what a reviewer writes to it can reach that person. */
export function isVisitorChat({ labels = [] }: Pick<Pause, 'labels'>): boolean {
  return labels.includes(WEBSITE_LABEL);
}

/**
 * What a backend announced. `wire` belongs to the backend: only it reads that. A `wire.opener`, where it has one, stays that
 * of the first announcement.
 */
export const pauseSchema = storedObject({
  backend: z.string(),
  /** Identity at the backend: the same pause has the same key, whichever way it came in. */
  key: z.string(),
  /**
   * `approval`: yes or no. `await`: an output is wanted. `item`: an inbox entry. `run`: nothing, it is to be started.
   * `note`: nothing, it reports that something can have no card.
   */
  kind: z.enum(['approval', 'await', 'item', 'run', 'note']),
  /** What is answered together. Awaits of one stream share it; an approval has its own. */
  groupId: z.string(),
  /** The run it belongs to; all cards of one run stand in one thread. */
  runId: z.string(),
  /** The tool (or item) that waits, in the backend's own spelling. */
  tool: z.string(),
  /** Written for the model or by the backend, not by the agent at run time. */
  description: z.string().nullable(),
  /** The agent or flow that asks. */
  asker: z.string().nullable(),
  /** Its id at the backend: two agents can have one name. Absent or null: the backend does not say. */
  askerId: z.string().nullable().optional(),
  /**
   * The person who asked for it or started its run, as the policy names people: `mara`, `slack:U0123`. Only from who is
   * believed: a start from chat, or a key that may name one. Absent: not known.
   */
  requester: z.string().optional(),
  /** The W3C trace context of the request that paused, where spans are recorded. Absent: it had none. */
  trace: z.string().optional(),
  /** Where its run was started from chat: `slack:C0123`. It picks the rule. Absent: it was not, or it is not known. */
  room: z.string().optional(),
  /** The end user whom it is about. */
  contact: storedObject({ name: z.string(), id: z.string() }).optional(),
  /** Short words of its backend's own for its sort, to find it by and to pick it by; absent where it has none. */
  labels: z.array(z.string()).optional(),
  /** The agent's reason: unverified, never a ground to decide on. */
  reason: z.string().nullable(),
  parameters: jsonObject,
  /** Paths of keys that the backend's JSON gives more than once: `amount`, `to.iban`. The last value counts. */
  repeated: z.array(z.string()).optional(),
  prompt: promptSchema.optional(),
  /** What has to be known before one decides, in the words of our adapter; names of others are quoted in them. */
  cautions: z.array(z.string()).optional(),
  /** The backend does not say what approving it does: it is not approved by one press. */
  unknownCall: z.literal(true).optional(),
  /** Names of parameters that the backend keeps from people. */
  hidden: z.array(z.string()),
  /** The same of calls of its run that may be announced later, by the ID of each. Absent: none is known. */
  hiddenLater: z.array(storedObject({ call: z.string(), names: z.array(z.string()) })).optional(),
  /** What its wire can carry. */
  actions: z.array(z.enum(actions)),
  /** When the backend says that it asked, ms since 1970, by its clock; absent or null where it did not say. */
  askedAt: z.number().nullable().optional(),
  /** When the backend says it gives up, ms since 1970; null where it did not say. `asked.ts` corrects what is stored. */
  deadline: z.number().nullable(),
  /**
   * The deadline is the asker's own, and Countersign ends the approval then. `sent`: the decision is sent to the asker;
   * `fetched`: the asker fetches it. Absent: the deadline is the backend's.
   */
  expiry: z.enum(['sent', 'fetched']).optional(),
  /** Where and how the answer is sent, beside `key` and `runId`: a callback address, or how choices are encoded. */
  address: jsonObject.optional(),
  wire: jsonObject,
  /** Why it can’t be answered here, where that is so because the backend said too little; `actions` is empty then. */
  missing: z.enum(missing).optional(),
  /** Set where `parameters` and texts are only a summary. */
  unshowable: unshowableSchema.optional(),
});
export type Pause = z.infer<typeof pauseSchema>;

/** It waits for an answer. A run that is to be started and a note wait for none. */
export function asksPerson({ kind }: Pick<Pause, 'kind'>): boolean {
  return kind !== 'run' && kind !== 'note';
}

/** An earlier subject of the same key. In rows of older versions it has a tool and parameters only. */
export const previousSchema = pauseSchema
  .omit({ wire: true, groupId: true, deadline: true, askedAt: true })
  .partial()
  .required({ tool: true, parameters: true })
  .extend({ fingerprint: z.string().optional() });
export type Previous = z.infer<typeof previousSchema>;
