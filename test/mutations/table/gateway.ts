/** The gateway: what is a decision, who may claim, and what can be read. */
import type { Mutations } from '../mutation.ts';

export const gatewayMutations = {
  'decision-by-body': {
    about: 'a decision is recognised by its body, on any route',
    rows: [23],
    edits: [{ in: 'readCall', find: `isCandidate && isDecision(json())`, put: `false` }],
    test: 'backends/runtype/gateway/decisions/decision-body',
    title: 'whatever the path and its spelling',
  },
  'decision-of-opener': {
    about: 'only who opened the run claims its pauses',
    rows: [24],
    edits: [
      { in: 'RunFactsCache', find: `return this.#runs.get(executionId)?.opener === caller;`, put: `return true;` },
    ],
    test: 'backends/runtype/gateway/decisions/decision-body',
    title: 'is not claimed, and its card settles by the answer',
  },
  'decision-unread': {
    about: 'a call that can’t be read is not forwarded on a route that decides',
    rows: [24],
    edits: [{ in: 'readCall', find: `if (isGuarded && unread !== null) return refusals[unread];`, put: '' }],
    test: 'backends/runtype/gateway/decisions/decision-body',
    title: 'is refused on a route that is known to decide',
  },
  'connection-names': {
    about: 'Connection can’t remove what a message is read by',
    rows: [24],
    edits: [{ in: 'refusalOfHead', find: `const named = names.find(isAbout);`, put: `const named = undefined;` }],
    test: 'backends/runtype/gateway/head',
    title: 'must not name what a message is read by',
  },
  'framing-ours': {
    about: 'the framing of what is forwarded is built from what was read',
    rows: [24],
    edits: [
      {
        in: 'requestHeaders',
        find: `if (length === null) return [...headers, 'Transfer-Encoding', 'chunked'];`,
        put: `if (method === 'DELETE') return headers;\n  if (length === null) return [...headers, 'Transfer-Encoding', 'chunked'];`,
      },
    ],
    test: 'backends/runtype/gateway/head',
    title: 'a body is framed anew, as it was read',
  },
  'decision-evidence': {
    about: 'a status of success of an unknown route closes no card',
    rows: [35],
    edits: [{ in: 'openTap', find: `!isDecidingRoute ? NO_DECISION : `, put: '' }],
    test: 'backends/runtype/gateway/decisions/decision-body',
    title: 'a status of success of an unknown route does not decide',
  },
  'encoded-bomb': {
    about: 'what is decompressed has a limit',
    rows: [6],
    edits: [{ in: 'Decoder', find: `if (this.#given > most) this.#fail('too_long');`, put: `if (false) return;` }],
    test: 'backends/runtype/wire/content-coding',
    title: 'that becomes longer than the limit',
  },
  'encoded-continuation': {
    about: 'what is written after a compressed stream is compressed alike',
    rows: [2],
    edits: [{ in: 'CodedAnswer', find: `if (encode === undefined) return reply;`, put: `return reply;` }],
    test: 'backends/runtype/gateway/answer/encodings',
    title: 'a held response fits',
  },
  'unreadable-request': {
    about: 'the tools of a call that can’t be read are its application’s own',
    rows: [4],
    edits: [{ in: 'contextOf', find: `return { clientTools: [ANY_TOOL] };`, put: `return {};` }],
    test: 'backends/runtype/gateway/decisions/decision-body',
    title: 'names the tools of its application',
  },
  'alongside-says-nothing': {
    about: 'where a stream that only shows a run again ends, the run does not',
    rows: [5],
    edits: [{ in: 'openSession', find: `if (this.#isAlongside && this.#state === 'running') {`, put: `if (false) {` }],
    test: 'backends/runtype/gateway/answer/any-route',
    title: 'its end says nothing of the run',
  },
} as const satisfies Mutations;
