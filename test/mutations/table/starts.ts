/** What a start takes back from the process before it, and the jobs that it finds. */
import { mutations } from '../../crash/checker/mutations.ts';
import type { Remedies } from '../remedy.ts';

const recover = 'engine/recovery/recover.ts';

export const startRemedies = {
  'start-takes-leases-back': {
    about: 'what the dead process held is taken back',
    rows: [9, 10, 42],
    edits: mutations['leases-kept'].edits,
    test: 'engine/engine',
    title: 'after a crash: streams are over',
  },
  'start-sends-what-is-owed': {
    about: 'a decision whose job was lost is sent after a start',
    rows: [9],
    edits: [
      {
        file: 'core/approval/steps/step.ts',
        find: `const owed = state.phase === 'decided' ? [decide(state)] : [];`,
        put: 'const owed: Effect[] = [];',
      },
    ],
    test: 'engine/outbox/faults',
    title: 'a decision whose job was lost is sent after a start',
  },
  'start-redraws': {
    about: 'every open card is drawn again after a start',
    rows: [9],
    edits: [
      {
        file: 'core/approval/steps/step.ts',
        find: `effects: over ? [] : [...draws(state, 'card'), ...owed, ...watched]`,
        put: 'effects: over ? [] : [...owed, ...watched]',
      },
    ],
    test: 'faults/platform/slack-posts',
    title: 'row 26: an open card that is deleted by hand is posted anew, once',
  },
  'start-revives-dead-cards': {
    about: 'a card that was given up is tried again after a start',
    edits: [{ file: recover, find: 'await store.retryDeadLetters(null);', put: '' }],
    test: 'engine/outbox/faults',
    title: 'what was given up is shown after a start, also of what is over',
  },
  'start-joins-runs': {
    about: 'a start goes on reading what can be read again',
    rows: [1],
    edits: [
      { file: recover, find: 'reconcile?.(mine, open) ?? []', put: 'reconcile?.([], open.slice(open.length)) ?? []' },
    ],
    test: 'faults/process/start-up',
    title: 'I1: cut by our end before its pause: the next start makes the card, once',
  },
  'start-tells-what-is-lost': {
    about: 'what can’t be read again is told as not seen',
    rows: [1],
    edits: [
      { file: recover, find: 'for (const run of runs) if (!joined.has(runName(run))) await runLost(run);', put: '' },
      { file: 'engine/ingest/ingest.ts', find: `log.warn(fields, 'rest of the run not seen');`, put: '' },
      {
        file: 'engine/ingest/ingest.ts',
        find: `if (told !== undefined) await apply(told.id, { type: 'continued', continuation: { state, text } });`,
        put: `if (told !== undefined && state !== 'lost') await apply(told.id, { type: 'continued', continuation: { state, text } });`,
      },
    ],
    test: 'faults/process/start-up',
    title: 'I1: one that can’t be read again is told as not seen, in its thread',
  },
  'start-holds-against-lists': {
    about: 'what left a backend’s list while we were down is told so',
    rows: [35],
    edits: [
      {
        file: 'engine/ingest/ingest.ts',
        find: `await apply(id, { type: 'absent', begunAt, words: 'It left the list of what is pending.' });`,
        put: '',
      },
    ],
    test: 'faults/process/start-up',
    title: 'I1: gone while we were down: decided elsewhere',
  },
  'lists-prove-when-complete': {
    about: 'only a list that shows all of it proves that something is gone',
    rows: [4],
    edits: [
      { file: 'backends/shared/polling.ts', find: 'if (!complete) {', put: 'if (!complete && signal.aborted) {' },
    ],
    test: 'backends/sonzai/index',
    title: 'an item listed under another status: no card, and absence proves nothing',
  },
  'job-one-a-key': {
    about: 'what is asked for twice is one job: its key is unique',
    rows: [9],
    edits: [
      {
        file: 'store/sqlite/jobs.ts',
        find: /const key = slot === null \? [^;]*;/,
        put: "const key = [kind, subject, slot, Math.random()].join(':');",
      },
    ],
    test: 'store/sqlite/index',
    title: 'holds one job a key, and a lane runs one at a time',
  },
  'job-fenced': {
    about: 'a worker that lost its lease can’t end the job of the next one',
    rows: [9],
    edits: [
      {
        file: 'store/sqlite/jobs.ts',
        find: `'WHERE id = @id AND locked_by = @lockedBy AND claims = @fencingToken'`,
        put: `'WHERE id = @id AND (locked_by = @lockedBy OR 1) AND (claims = @fencingToken OR 1)'`,
      },
    ],
    test: 'store/sqlite/index',
    title: 'fences off a worker that lost its lease',
  },
} as const satisfies Remedies;
