/** Rows 1 to 8: what a run tells, by its stream, by a list, by a webhook. */
import { mutations } from '../../crash/checker/mutations.ts';
import type { Remedies } from '../remedy.ts';

const reading = 'backends/runtype/stream/session.ts';
const machine = 'core/approval/steps/step.ts';

export const streamRemedies = {
  'stream-last-event': {
    about: 'a pause whose JSON is whole counts, though its blank line never came',
    rows: [1],
    edits: [{ file: 'backends/shared/sse.ts', find: `if (skipped === null) take('\\n\\n');`, put: '' }],
    test: 'faults/backend/streams',
    title: 'of a run that is not kept: carded where its frame was whole',
  },
  'stream-join-again': {
    about: 'a run that Runtype keeps is joined again where its stream broke off',
    rows: [1, 3],
    edits: [
      {
        file: reading,
        find: 'rejoin({ ...replay, executionId }, broken).then(conclude, conclude);',
        put: 'void rejoin; void broken; conclude();',
      },
    ],
    test: 'faults/backend/streams',
    title: 'of a run that is kept: joined again, one card',
  },
  'stream-noted-first': {
    about: 'a run that can be joined again is noted before anything of it is told',
    rows: [1],
    edits: [{ file: reading, find: /keep\(\);(?=\s+for \(const delivery)/, put: '' }],
    test: 'faults/backend/streams',
    title: 'of a run that is kept: joined again, one card',
  },
  'stream-left-to-the-next': {
    about: 'what can be read again is left to the next process, and not called lost',
    rows: [1],
    edits: [
      { file: reading, find: '(quiet && !heard) || (kept !== null && stopping.aborted)', put: '(quiet && !heard)' },
    ],
    test: 'faults/backend/streams',
    title: 'while it follows a continuation: the next one tells how the run ended',
  },
  'stream-loss-is-told': {
    about: 'a stream that broke off for good is told as not seen',
    rows: [1, 3],
    edits: [{ file: reading, find: 'if (known || !unsaid) read', put: 'if (known) read' }],
    test: 'faults/backend/streams',
    title: 'of a run that is not kept: told as not seen',
  },
  'stream-split-letters': {
    about: 'a letter whose bytes come in two pieces is one letter',
    rows: [2],
    edits: [
      { file: 'backends/shared/sse.ts', find: 'decoder.decode(bytes, { stream: true })', put: 'decoder.decode(bytes)' },
    ],
    test: 'fuzz/edges/sse',
    title: 'row 2: cut anywhere is read as the specification says',
  },
  'stream-one-mark': {
    about: 'a stream may begin with one byte order mark, and the next one is text',
    rows: [2],
    edits: [{ file: 'backends/shared/sse.ts', find: 'ignoreBOM: true', put: 'ignoreBOM: false' }],
    test: 'backends/shared/sse',
    title: 'a second byte order mark is part of the first line',
  },
  'stream-silence': {
    about: 'a stream that is silent for too long counts as cut',
    rows: [3],
    edits: [
      {
        file: 'backends/shared/response.ts',
        find: /setTimeout\(\(\) => body\.destroy\(new Error\(`silent[^;]*, ms\);/,
        put: 'setTimeout(() => {}, ms);',
      },
    ],
    test: 'faults/backend/streams',
    title: 'row 3: open and without a byte',
  },
  'stream-pings': {
    about: 'pings count as life',
    rows: [3],
    edits: [{ file: 'backends/shared/response.ts', find: 'alive: () => timer.refresh()', put: 'alive: () => timer' }],
    test: 'faults/backend/streams',
    title: 'row 3: pings count as life',
  },
  'stream-parked': {
    about: 'a stream that ended at a pause is no fault',
    rows: [3],
    edits: [
      { file: reading, find: 'if (reader.over || reader.paused || !streamed', put: 'if (reader.over || !streamed' },
    ],
    test: 'faults/backend/streams',
    title: 'row 3: a parked pause is no fault',
  },
  'pause-one-key': {
    about: 'a pause has one key, whichever way it is heard of',
    rows: [4],
    edits: [
      {
        file: 'engine/ingest/ingest.ts',
        find: 'const { id, pause } = recurs ? await latestGeneration(told) : asIs(told);',
        put: 'const { id, pause } = recurs ? await latestGeneration(told) : asIs({ ...told, key: told.key + via });',
      },
    ],
    test: 'stories/deciding/decide',
    title: 'the same pause by two ways in makes one card',
  },
  'pause-stream-knows-best': {
    about: 'what is sent in never overwrites what our own stream told',
    rows: [4],
    edits: [{ file: machine, find: /if \(state\.via === 'stream' && via !== 'stream'\) return [^;]*;/, put: '' }],
    test: 'core/approval/step',
    title: 'by ingest never overwrites what our own stream told',
  },
  'pause-unique': {
    about: 'the unique constraint: every change of an approval is a row of its own',
    rows: [4, 42],
    edits: mutations['no-unique-approval'].edits,
    test: 'stories/deciding/decide',
    title: 'the same pause by two ways in makes one card',
  },
  'stream-told-again': {
    about: 'what a server tells again is skipped by its row',
    rows: [5],
    edits: [
      { file: reading, find: /if \(Number\(id \?\? Number\.NaN\) <= readTo\) return;/, put: '' },
      { file: reading, find: /if \(Number\(id \?\? Number\.NaN\) <= readTo\) continue;/, put: '' },
    ],
    test: 'faults/backend/streams',
    title: 'row 5: the last 1,000 events',
  },
  'stream-unreadable': {
    about: 'an event that is no JSON is left out, and nothing else',
    rows: [6],
    edits: [
      {
        file: 'backends/runtype/stream/reader.ts',
        find: 'this.#unreadable += 1;',
        put: `throw new Error('unreadable');`,
      },
      {
        file: reading,
        find: /log\.error\(\{ err: coerceError\(thrown\) \}, words\);/,
        put: 'throw thrown;',
      },
    ],
    test: 'fuzz/edges/runtype',
    title: 'row 6: of any events and rubbish says what it can',
  },
  'stream-event-limit': {
    about: 'an event has a longest length',
    rows: [6],
    edits: [{ file: 'backends/shared/sse.ts', find: 'maxBufferSize: maxCharacters,', put: '' }],
    test: 'fuzz/edges/sse',
    title: 'row 6: an event too long for its limit is left out',
  },
  'stream-skips-one': {
    about: 'behind an event that is too long the next one is read',
    rows: [6],
    edits: [{ file: 'backends/shared/sse.ts', find: 'feed(seen.slice(end.index + end[0].length));', put: `feed('');` }],
    test: 'fuzz/edges/sse',
    title: 'row 6: an event too long for its limit is left out',
  },
  'stream-last-words': {
    about: 'of what a run says only so much is kept',
    rows: [6],
    edits: [
      {
        file: 'backends/runtype/wire/output-text.ts',
        find: 'if (this.#lastSize < 2 * FRAMES_MAX_CHARACTERS) return;',
        put: 'if (this.#lastSize < Number.POSITIVE_INFINITY) return;',
      },
    ],
    test: 'fuzz/limits/hang',
    title: 'row 6: over 100,000 pieces of text between two pauses',
  },
  'text-linear-patterns': {
    about: 'every pattern takes time in proportion to its text',
    rows: [6],
    edits: [{ file: 'core/text/mask.ts', find: '(?<=-)eyJ[\\w-]{8,500})', put: '(?<=-)eyJ[\\w-]{8,})' }],
    test: 'fuzz/limits/hang',
    title: 'row 6: nor does any text take it, whose secrets are looked for',
  },
  'card-redrawn-when-over': {
    about: 'every copy of a card is drawn again when its approval is over',
    rows: [7],
    edits: [
      {
        file: 'core/approval/steps/transitions.ts',
        find: /return changed\((\{ \.\.\.state, phase: 'settled'[^}]*\}), leftGroup\(state\)\);/,
        put: `return {
          state: { ...state, phase: 'settled', holder: null, outcome, detail, settledAt: now },
          effects: leftGroup(state),
        };`,
      },
    ],
    test: 'faults/backend/too-late',
    title: 'row 7',
  },
  'card-not-for-what-is-over': {
    about: 'what was over before anybody saw it gets no card',
    rows: [7],
    edits: [{ file: 'engine/outbox/draw.ts', find: 'wasOverBeforeItWasShown(one) || ', put: '' }],
    test: 'engine/engine',
    title: 'that would open on something already over are not posted',
  },
  'webhook-signature': {
    about: 'a delivery counts with a signature that fits',
    rows: [8],
    edits: [{ file: 'backends/runtype/signature.ts', find: 'matches.includes(true) ?', put: 'matches.length > 0 ?' }],
    test: 'faults/backend/webhooks',
    title: 'row 8: a wrong signature',
  },
  'webhook-age': {
    about: 'an old delivery is refused',
    rows: [8],
    edits: [
      { file: 'backends/runtype/signature.ts', find: 'if (now - at > AGE_MAX_MS)', put: 'if (Number.isNaN(at))' },
    ],
    test: 'faults/backend/webhooks',
    title: 'row 8: a wrong signature, an old or a future time',
  },
  'webhook-future': {
    about: 'a delivery from the future is refused',
    rows: [8],
    edits: [
      { file: 'backends/runtype/signature.ts', find: 'if (at - now > AGE_MAX_MS)', put: 'if (Number.isNaN(at))' },
    ],
    test: 'faults/backend/webhooks',
    title: 'row 8: a wrong signature, an old or a future time',
  },
  'webhook-once': {
    about: 'a delivery counts once, by its id',
    rows: [8],
    edits: [
      {
        file: 'backends/runtype/ingest.ts',
        find: /\{ \.\.\.delivery, inputId: `ingest:[^`]*` \}/,
        put: 'delivery',
      },
    ],
    test: 'faults/backend/webhooks',
    title: 'row 8: the same id fifty times at once is one row',
  },
  'webhook-two-secrets': {
    about: 'while a secret is changed the old one and the new one count',
    rows: [8],
    edits: [{ file: 'backends/runtype/signature.ts', find: '.map(signerOf);', put: '.slice(0, 1).map(signerOf);' }],
    test: 'faults/backend/webhooks',
    title: 'row 8: while a secret is changed',
  },
  'webhook-whole': {
    about: 'a delivery is taken whole or refused whole',
    rows: [8],
    edits: [
      {
        file: 'backends/runtype/ingest.ts',
        find: /if \(read\.type === 'malformed'\) throw new Unreadable\([^;]*;/,
        put: '',
      },
    ],
    test: 'backends/runtype/ingest',
    title: 'what is refused whole a pause without its id',
  },
} as const satisfies Remedies;
