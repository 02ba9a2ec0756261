/** Row 45, memory and patience: what callers may take of them. */
import type { Mutations } from '../../mutation.ts';

export const resourceMutations = {
  'refused-keys-are-slowed': {
    about: 'a key that Runtype refuses counts as a wrong secret',
    rows: [45],
    edits: [{ in: 'forward', find: 'REFUSED_KEY.has(incoming.status) &&', put: 'REFUSED_KEY.has(0) &&' }],
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
  'unsigned-presses-are-slowed': {
    about: 'a press without Slack’s signature counts as a wrong secret',
    rows: [45],
    edits: [
      {
        in: 'HttpReceiver',
        find: `await this.#guard.wrongSecret('presses', remoteAddress, problem);`,
        put: 'problem === remoteAddress ? 1 : null;',
      },
    ],
    test: 'platforms/slack/connection/http-receiver',
    title: 'a request without a valid signature counts as a wrong secret',
  },
} as const satisfies Mutations;
