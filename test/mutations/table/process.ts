/** Rows 9, 10, 38, 40 and 41: how the process stops and dies, and what the next start takes over. */
import { crashMutations } from '../../crash/checker/mutations.ts';
import type { Mutations } from '../mutation.ts';

const main = 'main';

export const processMutations = {
  'stop-on-sigterm': {
    about: 'SIGTERM stops in order',
    rows: [38],
    edits: [{ in: main, find: `process.on('SIGTERM', onSignal);`, put: '' }],
    test: 'faults/process/stops',
    title: 'row 38: with queued posts and calls in progress',
  },
  'stop-begins-nothing': {
    about: 'a stop begins no new work',
    rows: [38],
    edits: [
      { in: 'createOutbox', find: 'while (!stopping.signal.aborted) {', put: 'while (!interrupt.signal.aborted) {' },
    ],
    test: 'faults/process/stops',
    title: 'row 38: with queued posts and calls in progress',
  },
  'crash-is-told': {
    about: 'a start says that the process before it crashed',
    rows: [40],
    edits: [
      {
        in: 'createProcessHistory',
        find: `if (ending !== 'crashed') return;`,
        put: `if (ending !== 'first start') return;`,
      },
    ],
    test: 'faults/process/process',
    title: 'row 40: a full heap ends the process',
  },
  'no-file-handle': {
    about: 'a call for which there was no file handle was surely not sent',
    rows: [40],
    edits: [{ in: 'createTransport', find: ' && socket.remoteAddress !== undefined', put: '' }],
    test: 'faults/process/process',
    title: 'row 40: without a free file handle',
  },
  'crash-ends': {
    about: 'what escapes every handler ends the process with its own code',
    rows: [41],
    edits: [{ in: main, find: `process.on('uncaughtException', crash);`, put: '' }],
    test: 'faults/process/process',
    title: 'row 41: an exception, a rejection',
  },
  'start-takes-leases-back': {
    about: 'what the dead process held is taken back',
    rows: [9, 10, 42],
    edits: crashMutations['leases-kept'].edits,
    test: 'engine/engine',
    title: 'after a crash: streams are over',
  },
  'job-fenced': {
    about: 'a worker that lost its lease can’t end the job of the next one',
    rows: [9],
    edits: [
      {
        in: 'lockJob',
        find: 'DELETE FROM jobs\n  WHERE id = @id AND locked_by = @lockedBy AND claims = @fencingToken AND',
        put: 'DELETE FROM jobs\n  WHERE id = @id AND (locked_by = @lockedBy OR 1) AND (claims = @fencingToken OR 1) AND',
      },
    ],
    test: 'store/sqlite/index',
    title: 'fences off a worker that lost its lease',
  },
  'wrong-secrets-are-slowed': {
    about: 'a wrong secret waits for its refusal',
    rows: [45],
    edits: [
      { in: 'createCallGuard', find: 'await clock.sleep(waitMs, signal).catch(() => {});', put: 'await signal;' },
    ],
    test: 'http/guard/call-guard',
    title: 'is answered at once a few times, and then one a second',
  },
  'callback-below-its-path': {
    about: 'a callback below a path can’t leave it by its spelling',
    rows: [45],
    edits: [{ in: 'createTargetCheck', find: ' && !AMBIGUOUS.test(path)', put: '' }],
    test: 'backends/inbox/callback/hosts',
    title: 'may not',
  },
  'callback-address-is-seen': {
    about: 'what the card cuts of the address of its answer is read in Details',
    rows: [45],
    edits: [{ in: 'contentOf', find: ' + (callback?.hidden ?? 0)', put: '' }],
    test: 'core/view/content/callback',
    title: 'that is cut in the middle shows both ends',
  },
  'askers-share-no-secret': {
    about: 'two askers do not sign with one secret',
    rows: [45],
    edits: [
      {
        in: 'parseAskers',
        find: `shared('secret', ({ secret }) => secretsIn(secret))`,
        put: `shared('secret', () => [])`,
      },
    ],
    test: 'backends/inbox/askers',
    title: 'that share a secret',
  },
  'secrets-are-long': {
    about: 'a token of our own making has at least 16 characters',
    rows: [45],
    edits: [{ in: 'problemOfSecret', find: 'if (length < CHARACTERS_MIN) {', put: 'if (length < 0) {' }],
    test: 'core/text/settings/secret',
    title: '“zq7” is too short',
  },
  'secrets-are-random': {
    about: 'a token of our own making is not easy to guess',
    rows: [45],
    edits: [
      {
        in: 'problemOfSecret',
        find: 'return isGuessable(secret) ?',
        put: 'return isGuessable(secret) && secret === "" ?',
      },
    ],
    test: 'core/text/settings/secret',
    title: 'is easy to guess',
  },
  'signing-secrets-are-long': {
    about: 'a secret of Standard Webhooks has at least 24 bytes',
    rows: [45],
    edits: [
      { in: 'problemOfWebhookSecret', find: 'if (bytes.length < WEBHOOK_BYTES_MIN) {', put: 'if (bytes.length < 1) {' },
    ],
    test: 'core/text/settings/secret',
    title: 'of 23 random bytes is refused',
  },
  'token-command-alone': {
    about: 'the command of a token gets none of the bot’s secrets',
    rows: [45],
    edits: [{ in: 'createTokenProvider', find: 'env: environment()', put: 'env' }],
    test: 'backends/sonzai/token',
    title: 'gets none of the bot’s secrets in its environment',
  },
  'token-command-without-shell': {
    about: 'no shell reads the command of a token',
    rows: [45],
    edits: [{ in: 'createTokenProvider', find: 'detached: true, env:', put: 'detached: true, shell: true, env:' }],
    test: 'backends/sonzai/token',
    title: 'gets its arguments as they are',
  },
  'token-command-checked': {
    about: 'shell syntax in the command of a token is refused at the start',
    rows: [45],
    edits: [{ in: 'parseCommandLine', find: 'if (found !== null) throw', put: 'if (found === undefined) throw' }],
    test: 'backends/sonzai/command-line',
    title: 'is refused, with what to write',
  },
  'keys-travel-encrypted': {
    about: 'keys travel without TLS only on this machine, or where the operator says so',
    rows: [45],
    edits: [{ in: 'problemOfPlainHttp', find: "if (protocol === 'https:' ||", put: "if (protocol !== '' ||" }],
    test: 'config/plain-http',
    title: 'is refused, with what to write',
  },
} as const satisfies Mutations;
