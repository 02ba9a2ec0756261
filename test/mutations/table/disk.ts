/** Rows 9 to 17: the disk, the database, and the clock. */
import { mutations } from '../../crash/checker/mutations.ts';
import type { Remedies } from '../remedy.ts';

const open = 'store/sqlite/file/open.ts';
const commit = 'store/sqlite/group-commit.ts';

export const diskRemedies = {
  'commit-before-answer': {
    about: 'commit, then acknowledge: the press is answered first, and recorded a moment later',
    rows: [9, 10, 12, 42],
    edits: mutations['ack-before-commit'].edits,
    test: 'faults/process/disk-bot',
    title: 'row 12: a press on a full disk is told in time',
  },
  'commit-one-transaction': {
    about: 'an approval and the jobs that it asks for are one commit: the jobs are forgotten',
    rows: [9],
    edits: [
      {
        file: 'store/sqlite/index.ts',
        find: 'for (const effect of effects) jobs.enqueue(effect, state, steadyNow(), clock.now());',
        put: 'for (const effect of effects.slice(1)) jobs.enqueue(effect, state, steadyNow(), clock.now());',
      },
    ],
    test: 'engine/engine',
    title: 'becomes one call, and both cards follow',
  },
  'commit-synced': {
    about: 'a commit is on the disk before anybody hears of it',
    rows: [9, 10],
    edits: [{ file: open, find: `db.pragma('synchronous = FULL');`, put: `db.pragma('synchronous = OFF');` }],
    test: 'store/sqlite/index',
    title: 'is opened with what a promise needs',
  },
  'sync-failure-ends': {
    about: 'a sync that failed ends the process: what was written is in doubt',
    rows: [11],
    edits: [{ file: 'store/sqlite/file/errors.ts', find: `kind: 'in doubt',`, put: `kind: 'refused',` }],
    test: 'faults/process/disk',
    title: 'row 11',
  },
  'full-disk-goes-on': {
    about: 'a full disk refuses what it can’t hold, and the process goes on',
    rows: [12],
    edits: [
      {
        file: 'store/sqlite/file/errors.ts',
        find: `kind: 'refused',
      words: 'The disk is full`,
        put: `kind: 'in doubt',
      words: 'The disk is full`,
      },
    ],
    test: 'faults/process/disk',
    title: 'row 12',
  },
  'full-disk-is-told': {
    about: 'a person whose press was not recorded is told so',
    rows: [12],
    edits: [
      {
        file: 'platforms/slack/inbound/presses.ts',
        find: 'else if (answer === null) await tell(read.aside, NOTHING_RECORDED);',
        put: 'else if (answer === null) log.warn({}, NOTHING_RECORDED);',
      },
    ],
    test: 'faults/process/disk-bot',
    title: 'row 12: a press on a full disk is told in time',
  },
  'full-disk-retryUntilRecorded': {
    about: 'what has happened is tried until the store takes it',
    rows: [12],
    edits: [
      {
        file: 'core/ports/retry-until-recorded.ts',
        find: 'if (!(thrown instanceof StoreError) || over) throw thrown;',
        put: 'if (thrown !== undefined || over) throw thrown;',
      },
    ],
    test: 'faults/process/disk-bot',
    title: 'row 12: what was posted and answered while the disk was full',
  },
  'group-commit': {
    about: 'one commit a turn of the loop serves everybody who waits for it',
    rows: [13],
    edits: [
      {
        file: commit,
        find: /const batch = this\.#waiting;\s+this\.#waiting = \[\];/,
        put: `const batch = this.#waiting.splice(0, 1);
          if (this.#waiting.length > 0) {
            this.#scheduled = true;
            setImmediate(() => this.#flush());
          }`,
      },
    ],
    test: 'faults/process/disk-bot',
    title: 'row 13',
  },
  'slow-disk-is-named': {
    about: 'a slow disk is named in the log',
    rows: [13],
    edits: [{ file: commit, find: /this\.#slowDisk\.note\([^;]*;/, put: '' }],
    test: 'faults/process/disk',
    title: 'row 13: a slow disk is named in the log',
  },
  'database-lock': {
    about: 'one process a database',
    rows: [14],
    edits: [{ file: 'store/sqlite/file/lock.ts', find: `holder.pragma('locking_mode = EXCLUSIVE');`, put: '' }],
    test: 'faults/process/database',
    title: 'the second process refuses to start, and says why',
  },
  'database-foreign-lock': {
    about: 'a short lock of another program is waited for',
    rows: [14],
    edits: [
      {
        file: commit,
        find: `failure.kind === 'busy' && now - since < LOCKED_WAIT_MS`,
        put: `now < since && failure.kind === 'busy'`,
      },
    ],
    test: 'faults/process/database',
    title: 'is waited for between the turns of the loop',
  },
  'database-loop-free': {
    about: 'that wait lets the event loop go on',
    rows: [14],
    edits: [{ file: open, find: `db.pragma('busy_timeout = 0');`, put: '' }],
    test: 'faults/process/database',
    title: 'is waited for between the turns of the loop',
  },
  'copy-is-marked': {
    about: 'a backup knows that it is one',
    rows: [14],
    edits: [{ file: 'store/sqlite/file/backup.ts', find: 'markCopy(copy, { madeAt });', put: '' }],
    test: 'stories/operator/backup',
    title: 'that was put back sends again only what is refused a second time',
  },
  'copy-is-noticed': {
    about: 'a copied file is noticed by its place',
    rows: [14],
    edits: [{ file: 'store/sqlite/file/copy-detection.ts', find: ' && home.inode === inode', put: '' }],
    test: 'store/sqlite/backup',
    title: 'is the file by itself, the folder with all that is in it, and an older file over the present one',
  },
  'copy-is-no-blind-sender': {
    about: 'a bot that starts on a copy sends nothing blindly',
    rows: [14],
    edits: [
      {
        file: 'core/approval/steps/delivery.ts',
        find: `return resendable ? changed(next, [decide(next)]) : settle(next, 'unconfirmed', words, now);`,
        put: 'return changed({ ...next, detail: resendable ? next.detail : words }, [decide(next)]);',
      },
    ],
    test: 'stories/operator/backup',
    title: 'that was put back sends again only what is refused a second time',
  },
  'backup-never-overwrites': {
    about: 'a backup never overwrites',
    edits: [
      { file: 'store/sqlite/file/backup.ts', find: /if \(existsSync\(to\)\)\s+throw new SetupError\([^;]*;/, put: '' },
    ],
    test: 'store/sqlite/backup',
    title: 'never overwrites, and leaves nothing behind where it fails',
  },
  'retention-keeps-audit': {
    about: 'what is archived keeps its audit log',
    edits: [
      {
        file: 'store/sqlite/retention/archive.ts',
        find: 'pack({ state, audit }));',
        put: 'pack({ state, audit: [] }));',
      },
    ],
    test: 'store/sqlite/retention',
    title: 'with many settled approvals the file stays small',
  },
  'retention-late-press': {
    about: 'a late press finds what was archived as it was',
    edits: [
      {
        file: 'store/sqlite/index.ts',
        find: 'return row === undefined ? archive.find(id) : parseState(row);',
        put: 'return row === undefined ? null : parseState(row);',
      },
    ],
    test: 'store/sqlite/index',
    title: 'a late press and a late announcement meet it as it was',
  },
  'upgrade-in-one-piece': {
    about: 'each step of an upgrade is one transaction with the number that says it ran',
    rows: [16],
    edits: [
      { file: open, find: 'db.transaction(() => {', put: '(() => {' },
      { file: open, find: '}).immediate();', put: '})();' },
    ],
    test: 'faults/process/database',
    title: 'leaves the old schema whole, and the next start goes on',
  },
  'upgrade-newer-refused': {
    about: 'a newer database is refused',
    rows: [16],
    edits: [
      {
        file: 'store/sqlite/file/integrity.ts',
        find: 'if (version <= known) return;',
        put: 'if (version >= 0) return;',
      },
    ],
    test: 'faults/process/database',
    title: 'a newer schema',
  },
  'damage-is-noticed': {
    about: 'broken pages are noticed before anything is decided by them',
    edits: [{ file: open, find: 'else checkPages(db, file);', put: 'else void checkPages;' }],
    test: 'faults/process/database',
    title: 'broken pages: ',
  },
  'damage-ends': {
    about: 'damage that shows while it works ends the process',
    edits: [
      { file: 'store/sqlite/file/errors.ts', find: `return { kind: 'damaged',`, put: `return { kind: 'refused',` },
    ],
    test: 'faults/process/database',
    title: 'damage that shows while it works ends the process',
  },
  'clock-jobs': {
    about: 'jobs wait by a clock that does not jump',
    rows: [17],
    edits: [
      {
        file: 'store/sqlite/index.ts',
        find: 'Math.round(startedAt + clock.monotonic())',
        put: 'Math.round(startedAt * 0 + clock.now())',
      },
    ],
    test: 'faults/process/clock',
    title: 'row 17',
  },
  'clock-jobs-from-before': {
    about: 'what waited when the clock was set back is done at once after a start',
    rows: [17],
    edits: [
      { file: 'store/sqlite/jobs.ts', find: / OR \$\{job\}\.run_at > @now \+ \$\{LONGEST_JOB_WAIT_MS\}\)/, put: ')' },
    ],
    test: 'faults/process/clock',
    title: 'row 17: a start after the wall clock was set back',
  },
  'clock-hold': {
    about: 'a hold from before the clock was set back locks nobody out',
    rows: [17],
    edits: [{ file: 'core/approval/steps/take-over.ts', find: ' && holder.since - now < CLOCK_SET_MS', put: '' }],
    test: 'faults/process/clock',
    title: 'row 17: a hold from before the clock was set back',
  },
  'clock-lists': {
    about: 'a list that was read while the clock was set proves nothing',
    rows: [17],
    edits: [
      {
        file: 'backends/shared/polling.ts',
        find: `looked.type === 'read' && clockWasSet() ?`,
        put: `looked.type === 'read' && clockWasSet() && signal.aborted ?`,
      },
    ],
    test: 'faults/process/clock',
    title: 'during which the clock was set proves nothing',
  },
} as const satisfies Remedies;
