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
      {
        in: 'isOpenedBy',
        find: `return success && caller !== null && data.opener === caller && data`,
        put: `return success && data`,
      },
    ],
    test: 'backends/runtype/gateway/decisions/decision-body',
    title: 'is not claimed, and its card settles by the answer',
  },
  'opener-stored': {
    about: 'who opened a run is stored with its pause',
    edits: [{ in: 'awaitPause', find: `    opener,\n`, put: `    opener: null,\n` }],
    test: 'backends/runtype/gateway/decisions/ownership',
    title: 'the opener claims, and no one else does',
  },
  'opener-secret': {
    about: 'the hash of an opener does not depend on the Runtype key',
    edits: [{ in: 'createRuntype', find: `createOpenerHash(options.secret)`, put: `createOpenerHash(apiKey ?? '')` }],
    test: 'backends/runtype/gateway/decisions/ownership',
    title: 'with another Runtype key the opener still claims',
  },
  'opener-first': {
    about: 'a later announcement does not change whose run it is',
    edits: [{ in: 'announced', find: `{ ...wire, opener: opener ?? null }`, put: `wire` }],
    test: 'core/approval/steps/announced',
    title: 'keeps the opener of the first',
  },
  'opener-without-credential': {
    about: 'callers without a credential have opened nothing',
    edits: [{ in: 'callerOf', find: `key === null ? null : openerOf('key', key)`, put: `openerOf('key', key ?? '')` }],
    test: 'backends/runtype/gateway/decisions/ownership',
    title: 'a pause without a known opener is claimed by no one',
  },
  'named-runs-only': {
    about: 'a run that only a caller names has no facts',
    edits: [{ in: 'RunIdentity', find: `if (run.byCaller !== true) this.keep();`, put: `this.keep();` }],
    test: 'backends/runtype/gateway/decisions/ownership',
    title: 'displace no run and allocate nothing',
  },
  'foreign-evidence': {
    about: 'a status alone does not settle the card of a pause that is not the caller’s',
    edits: [{ in: 'settling', find: `if (!isStated || `, put: `if (` }],
    test: 'backends/runtype/gateway/decisions/ownership',
    title: 'changes nothing on its card where it is answered 200 with nothing',
  },
  'named-sessions': {
    about: 'sessions that callers name displace none that Runtype began',
    edits: [
      {
        in: 'ChatSessions',
        find: `if (!this.#begun.has(hash)) touch(this.#named, hash, NAMED_MAX);`,
        put: `this.begun(hash);`,
      },
    ],
    test: 'backends/runtype/website/chats',
    title: 'are not displaced by sessions that callers only name',
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
  'connection-of-caller': {
    about: 'a kept connection to Runtype is for one caller’s credential',
    rows: [24],
    edits: [{ in: 'forward', find: `sharedBy === null ? {} : { sharedBy: \`caller \${sharedBy}\` }`, put: `{}` }],
    test: 'backends/shared/http/connections',
    title: 'share a connection only if they show the same key',
  },
  'answer-once': {
    about: 'an answer that something follows is not passed on',
    rows: [24],
    edits: [{ in: 'faultOf', find: `if (isClosed) return`, put: `if (false) return` }],
    test: 'backends/runtype/gateway/answer/odd-answers',
    title: 'is a clear 502, and its connection is closed',
  },
  'answer-status': {
    about: 'a status that HTTP does not have is not passed on',
    rows: [24],
    edits: [{ in: 'faultOf', find: `if (statusCode < 200 || statusCode > 599) return`, put: `if (false) return` }],
    test: 'backends/runtype/gateway/answer/odd-answers',
    title: 'is a clear 502, and its connection is closed',
  },
  'decision-evidence': {
    about: 'a status of success of an unknown route closes no card',
    rows: [35],
    edits: [{ in: 'openTap', find: `if (!isDecidingRoute) evidence.end(NO_DECISION);\n      else `, put: '' }],
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
