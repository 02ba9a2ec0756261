/** Health, as probes and the operator hear of it. */
import type { Remedies } from '../remedy.ts';

export const healthRemedies = {
  'loop-is-watched': {
    about: 'an event loop that is held up shows in health',
    rows: [40],
    edits: [
      {
        file: 'engine/observe/loop-lag.ts',
        find: 'worst: () => Math.max(overdue(), ...late.map(({ ms }) => ms)),',
        put: 'worst: () => 0 * overdue(),',
      },
    ],
    test: 'faults/process/process',
    title: 'row 40: an event loop that is held up for 3 s',
  },
  'unreachable-is-told': {
    about: 'cards say that their backend can’t be reached',
    rows: [36],
    edits: [{ file: 'engine/ingest/ingest.ts', find: /await apply\(id, \{ type: 'unreachable'[^;]*;/, put: '' }],
    test: 'faults/process/start-up',
    title: 'works: the cards stand and say so, a press is kept, and sent once they are back',
  },
  'ready-says-why': {
    about: 'readiness comes with reasons and what to do',
    edits: [
      {
        file: 'http/health.ts',
        find: 'return context.json({ status, checks: shown, started }, code);',
        put: 'return context.json({ status, checks: shown.length, started }, code);',
      },
    ],
    test: 'http/health',
    title: 'is 503 with reason and advice',
  },
  'ready-tells-strangers-little': {
    about: 'a stranger hears whether, and not why',
    edits: [
      { file: 'http/health.ts', find: 'if (!mayRead(context, token)) return context.json({ status }, code);', put: '' },
    ],
    test: 'http/health',
    title: 'tells a stranger only whether, not why',
  },
  'check-that-hangs': {
    about: 'a check that hangs has failed',
    edits: [
      {
        file: 'engine/observe/health.ts',
        find: 'return await Promise.race([look(signal), limit]);',
        put: 'return await look(signal);',
      },
    ],
    test: 'engine/observe/health',
    title: 'that hangs has failed, and is asked again',
  },
  'check-that-is-old': {
    about: 'a check that was not made for long says nothing',
    edits: [
      {
        file: 'engine/observe/health.ts',
        find: 'if (clock.monotonic() - seen > STALE_TURNS * everyMs + CHECK_MS) {',
        put: 'if (clock.monotonic() < seen - STALE_TURNS * everyMs) {',
      },
    ],
    test: 'engine/observe/health',
    title: 'that was not made for long says nothing any more',
  },
  'ready-store-is-written': {
    about: 'readiness writes to the store to know that it can',
    edits: [{ file: 'engine/observe/checks.ts', find: `await store.setMeta('probe', 'written');`, put: 'void store;' }],
    test: 'engine/observe/health',
    title: 'a store that refuses, and one that is slow',
  },
  'ready-jobs': {
    about: 'readiness turns bad where jobs wait too long or are given up',
    edits: [
      {
        file: 'engine/observe/checks.ts',
        find: 'return judge(figures);',
        put: 'return judge({ ...figures, jobs: [] });',
      },
    ],
    test: 'engine/observe/health',
    title: 'jobs that wait too long, too many that were given up',
  },
  'alert-once': {
    about: 'one matter is one alert',
    rows: [26],
    edits: [
      {
        file: 'engine/observe/alerts.ts',
        find: 'if (known === undefined) {\n        const notice',
        put: 'if (known === undefined || known.at >= 0) {\n        const notice',
      },
    ],
    test: 'engine/observe/alerts',
    title: 'of the same matter is counted, and told once more when the quiet is over',
  },
  'alert-over': {
    about: 'the end of a matter is told where its beginning was',
    rows: [26],
    edits: [
      { file: 'engine/observe/alerts.ts', find: /if \(known\.lasting\.told\)\s+tell\([^;]*;/, put: 'void what;' },
    ],
    test: 'engine/observe/alerts',
    title: 'that lasts is told once, and once more when it is over',
  },
  'alert-never-blocks': {
    about: 'a place that refuses alerts is left alone for a while',
    rows: [26],
    edits: [
      {
        file: 'engine/observe/alert-channel.ts',
        find: /if \(kind === 'refused' \|\| kind === 'gone'\) restUntil = [^;]*;/,
        put: '',
      },
    ],
    test: 'engine/observe/alerts',
    title: 'goes elsewhere where one place is broken, which is then left alone',
  },
  'alert-bounded': {
    about: 'alerts that wait are bounded',
    edits: [
      {
        file: 'engine/observe/alert-channel.ts',
        find: 'const old = waiting.length > WAITING_MAX ? waiting.shift() : undefined;',
        put: 'const old = waiting.length < 0 ? waiting.shift() : undefined;',
      },
    ],
    test: 'engine/observe/alerts',
    title: 'never grows without end',
  },
} as const satisfies Remedies;
