/** Rows 9 to 17: the disk, the database, and the clock. */
import { crashMutations } from '../../crash/checker/mutations.ts';
import type { Mutations } from '../mutation.ts';

const open = 'openDatabase';
const commit = 'GroupCommit';

export const diskMutations = {
  'commit-before-answer': {
    about: 'commit, then acknowledge: the press is answered first, and recorded a moment later',
    rows: [9, 10, 12, 42],
    edits: crashMutations['ack-before-commit'].edits,
    test: 'faults/process/disk-bot',
    title: 'row 12: a press on a full disk is answered in time',
  },
  'commit-synced': {
    about: 'a commit is on the disk before anybody hears of it',
    rows: [9, 10],
    edits: [{ in: open, find: `db.pragma('synchronous = FULL');`, put: `db.pragma('synchronous = OFF');` }],
    test: 'store/sqlite/file/open',
    title: 'is opened with durable settings',
  },
  'sync-failure-ends': {
    about: 'a sync that failed ends the process: what was written is in doubt',
    rows: [11],
    edits: [{ in: 'codeOf', find: `kind: 'may be written',`, put: `kind: 'rolled back',` }],
    test: 'faults/process/disk',
    title: 'row 11',
  },
  'full-disk-goes-on': {
    about: 'a full disk refuses what it can’t hold, and the process goes on',
    rows: [12],
    edits: [
      {
        in: 'codeOf',
        find: `kind: 'rolled back',
      reason: 'The disk is full`,
        put: `kind: 'may be written',
      reason: 'The disk is full`,
      },
    ],
    test: 'faults/process/disk',
    title: 'row 12',
  },
  'group-commit': {
    about: 'one commit a turn of the loop serves everybody who waits for it',
    rows: [13],
    edits: [
      {
        in: commit,
        find: /const calls = this\.#calls;\s+this\.#calls = \[\];/,
        put: `const calls = this.#calls.splice(0, 1);
          if (this.#calls.length > 0) {
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
    edits: [{ in: commit, find: /this\.#noteDuration\([^;]*;/, put: '' }],
    test: 'faults/process/disk',
    title: 'row 13: a slow disk is named in the log',
  },
  'database-lock': {
    about: 'one process a database',
    rows: [14],
    edits: [{ in: 'lockDatabase', find: `holder.pragma('locking_mode = EXCLUSIVE');`, put: '' }],
    test: 'faults/process/database',
    title: 'the second process refuses to start, and says why',
  },
  'database-foreign-lock': {
    about: 'a short lock of another program is waited for',
    rows: [14],
    edits: [
      {
        in: commit,
        find: `failure.kind === 'busy' && now - since < LOCKED_WAIT_MS`,
        put: `now < since && failure.kind === 'busy'`,
      },
    ],
    test: 'faults/process/database',
    title: 'is waited for without blocking the event loop',
  },
  'database-loop-free': {
    about: 'that wait lets the event loop go on',
    rows: [14],
    edits: [{ in: open, find: `db.pragma('busy_timeout = 0');`, put: '' }],
    test: 'faults/process/database',
    title: 'is waited for without blocking the event loop',
  },
  'upgrade-in-one-piece': {
    about: 'each step of an upgrade is one transaction with the number that says it ran',
    rows: [16],
    edits: [
      { in: open, find: 'db.transaction(() => {', put: '(() => {' },
      { in: open, find: '}).immediate();', put: '})();' },
    ],
    test: 'faults/process/database',
    title: 'leaves the old schema intact, and the next start completes it',
  },
  'upgrade-newer-refused': {
    about: 'a newer database is refused',
    rows: [16],
    edits: [
      {
        in: 'checkHeader',
        find: 'if (version <= known) return;',
        put: 'if (version >= 0) return;',
      },
    ],
    test: 'faults/process/database',
    title: 'a newer schema',
  },
  'clock-jobs': {
    about: 'jobs wait by a clock that does not jump',
    rows: [17],
    edits: [
      {
        in: 'createSqliteStore',
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
      { in: 'findDueDraws', find: ' OR run_at > @now + @longestWaitMs)', put: ')' },
      { in: 'findDueJobs', find: 'dead_at IS NULL AND run_at > @now + @longestWaitMs', put: 'dead_at IS NULL AND 0' },
    ],
    test: 'faults/process/clock',
    title: 'row 17: a start after the wall clock was set back',
  },
  'clock-backend-clamped': {
    about: 'when a backend asked is between 30 days ago and now, whatever its clock says',
    rows: [17],
    edits: [{ in: 'askedTimes', find: 'Math.min(Math.max(stated, now - OLDEST_MS), now)', put: 'stated' }],
    test: 'core/approval/pause/asked',
    title: 'whatever a backend’s clock says',
  },
  'clock-backend-arrival': {
    about: 'a deadline that is announced live by a clock that is off counts from its arrival',
    rows: [17],
    edits: [{ in: 'askedTimes', find: 'live && isOff ? now : askedAt', put: 'askedAt' }],
    test: 'core/approval/pause/asked',
    title: 'a deadline',
  },
  'files-of-the-owner': {
    about: 'what others could open is closed to them',
    rows: [45],
    edits: [{ in: 'keepToOwner', find: 'chmodSync(path, mode);', put: '' }],
    test: 'store/sqlite/file/private-files',
    title: 'that others can open are closed to them',
  },
  'shared-folder-stays': {
    about: 'a folder that holds files of others is not closed to them',
    rows: [45],
    edits: [
      {
        in: 'keepToOwner',
        find: 'isOurs ? at(folder, FOLDER_MODE) : reportShared(folder)',
        put: 'tighten(folder, FOLDER_MODE)',
      },
    ],
    test: 'store/sqlite/file/private-files',
    title: 'leave a folder with anything else in it',
  },
  'new-files-of-the-owner': {
    about: 'new files are their owner’s only',
    rows: [45],
    edits: [{ in: 'keepNewFilesPrivate', find: 'umask(0o077);', put: '' }],
    test: 'faults/process/private-files',
    title: 'a bot in an empty folder opens none',
  },
  'backup-of-the-owner': {
    about: 'a backup is its owner’s only, whatever the umask',
    rows: [45],
    edits: [{ in: 'backUp', find: "closeSync(openSync(partial, 'wx', FILE_MODE));", put: '' }],
    test: 'store/sqlite/file/backup',
    title: 'of a running store contains what was acknowledged before',
  },
  'env-of-the-owner': {
    about: 'the start warns of a .env that others can read',
    rows: [45],
    edits: [{ in: 'warnOfOpenSecrets', find: '(mode & (isShared ? 0o027 : 0o077)) === 0', put: 'true' }],
    test: 'system/private-files',
    title: 'a file with secrets and mode 640, own: a warning',
  },
} as const satisfies Mutations;
