/** Row 45, memory and patience: what callers may take of them. */
import type { Mutations } from '../../mutation.ts';

export const resourceMutations = {
  'refused-keys-are-slowed': {
    about: 'a key that Runtype refuses counts as a wrong secret',
    rows: [45],
    edits: [{ in: 'forward', find: 'REFUSED_KEY.has(incoming.status)', put: 'REFUSED_KEY.has(0)' }],
    test: 'backends/runtype/gateway/refused-keys',
    title: 'with 401, and that is not listed, counts as a wrong secret',
  },
  'listed-keys-are-not-slowed': {
    about: 'a key of GATEWAY_KEYS is never slowed',
    rows: [45],
    edits: [{ in: 'createGateway', find: `(options.keys === 'any' || !isKnown)`, put: 'key !== null' }],
    test: 'backends/runtype/gateway/refused-keys',
    title: 'is not slowed if it is listed',
  },
  'decisions-of-a-run-limited': {
    about: 'one caller decides on one run only so often',
    rows: [45],
    edits: [
      {
        in: 'takeDecision',
        find: 'if (!decides || executionId === null) return null;',
        put: 'if (decides) return null;',
      },
    ],
    test: 'backends/runtype/gateway/refused-keys',
    title: 'one caller decides on one run only so often',
  },
  'open-frames-counted': {
    about: 'what is kept of an incomplete frame is within the budget',
    rows: [45],
    edits: [
      {
        in: 'FrameSplitter',
        find: 'if (this.#size <= this.#maxBytes && this.#hasRoom()) return;',
        put: 'if (this.#size <= this.#maxBytes) return;',
      },
    ],
    test: 'backends/runtype/gateway/room',
    title: 'counts for a frame that is not complete',
  },
  'continuations-counted': {
    about: 'without room the sender of a continuation waits',
    rows: [45],
    edits: [
      {
        in: 'KeptBody',
        find: 'if (!hasRoom || this.#size > KEPT_MAX) body.pause();',
        put: 'if (this.#size > KEPT_MAX) body.pause();',
      },
    ],
    test: 'backends/runtype/gateway/room',
    title: 'counts for a continuation that waits to be read',
  },
  'held-answers-given-back': {
    about: 'a whole answer that was held gives its room back',
    rows: [45],
    edits: [{ in: 'relay', find: '.finally(() => lease.close());', put: ';' }],
    test: 'backends/runtype/gateway/room',
    title: 'counts while a whole answer is held',
  },
  'own-answers-counted': {
    about: 'answers to our own calls take from the room of callers',
    rows: [45],
    edits: [{ in: 'readShort', find: 'lease?.count(chunk.length);', put: '' }],
    test: 'backends/runtype/gateway/room',
    title: 'counts for an answer to a call of our own',
  },
  'unsigned-presses-are-slowed': {
    about: 'a press without Slack’s signature counts as a wrong secret',
    rows: [45],
    edits: [
      {
        in: 'HttpReceiver',
        find: `await this.#options.guard.wrongSecret('presses', remoteAddress, problem);`,
        put: 'problem === remoteAddress ? 1 : null;',
      },
    ],
    test: 'platforms/slack/connection/http-receiver',
    title: 'a request without a valid signature counts as a wrong secret',
  },
} as const satisfies Mutations;
