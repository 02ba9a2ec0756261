/** Rows 38, 40 and 41: how the process stops, and how it dies. */
import type { Remedies } from '../remedy.ts';

const main = 'main.ts';

export const processRemedies = {
  'stop-on-sigterm': {
    about: 'SIGTERM stops in order',
    rows: [38],
    edits: [{ file: main, find: `process.on('SIGTERM', onSignal);`, put: '' }],
    test: 'faults/process/stops',
    title: 'row 38: with posts waiting and calls under way',
  },
  'stop-begins-nothing': {
    about: 'a stop begins no new work',
    rows: [38],
    edits: [
      { file: 'engine/outbox/outbox.ts', find: 'stopping = true;\n      stopped.abort();', put: 'stopped.abort();' },
    ],
    test: 'faults/process/stops',
    title: 'row 38: with posts waiting and calls under way',
  },
  'stop-breaks-off': {
    about: 'a stop breaks off what hangs',
    rows: [38],
    edits: [{ file: 'engine/outbox/outbox.ts', find: '() => abort.abort(),', put: '() => {},' }],
    test: 'faults/process/stops',
    title: 'row 38: with posts waiting and calls under way',
  },
  'stop-says-what-is-left': {
    about: 'a stop says what it left',
    rows: [38],
    edits: [{ file: 'app.ts', find: /log\.info\(\{ left \}, 'drained[^;]*;/, put: 'void left;' }],
    test: 'faults/process/stops',
    title: 'row 38: with posts waiting and calls under way',
  },
  'stop-while-it-starts': {
    about: 'a start can be stopped',
    rows: [38],
    edits: [
      {
        file: main,
        find: `log.info({}, 'stopped before it had started');
      process.exit(0);`,
        put: 'process.exit(1);',
      },
    ],
    test: 'faults/process/stops',
    title: 'row 38: while it starts ends with 0, too',
  },
  'crash-is-told': {
    about: 'a start says that the process before it crashed',
    rows: [40],
    edits: [
      {
        file: 'engine/recovery/process-history.ts',
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
    edits: [{ file: 'backends/shared/transport.ts', find: ' && socket.remoteAddress !== undefined', put: '' }],
    test: 'faults/process/process',
    title: 'row 40: without a file handle to spare',
  },
  'crash-ends': {
    about: 'what escapes every handler ends the process with its own code',
    rows: [41],
    edits: [{ file: main, find: `process.on('uncaughtException', crash);`, put: '' }],
    test: 'faults/process/process',
    title: 'row 41: an exception, a rejection',
  },
  'frames-end-where-they-are-read': {
    about: 'a frame from Slack that can’t be read ends nothing',
    rows: [41],
    edits: [
      {
        file: 'platforms/slack/connection/socket-connection.ts',
        find: `this.#log.warn({ err: error }, 'A frame from Slack could not be read');`,
        put: 'throw error;',
      },
    ],
    test: 'faults/process/handlers',
    title: 'row 41: malformed frames end where they are read',
  },
  'drawing-may-throw': {
    about: 'a card whose drawing throws is tried again, and keeps nobody else up',
    rows: [41],
    edits: [
      {
        file: 'engine/outbox/outbox.ts',
        find: 'return { ...afterError(job, coerceError(thrown)), about };',
        put: `void about; return { settlement: dead(coerceError(thrown).message, false), outcome: 'unexpected', about };`,
      },
    ],
    test: 'faults/process/handlers',
    title: 'row 41: a card whose drawing throws is tried again',
  },
  'throwing-call-is-in-doubt': {
    about: 'a call that throws may have arrived',
    rows: [41],
    edits: [
      {
        file: 'engine/outbox/send-job.ts',
        find: 'const { result, follow, retryAfterMs } = await backend.decide(onTheWay, signal);',
        put: `const { result, follow, retryAfterMs } = await backend
      .decide(onTheWay, signal)
      .catch((): Awaited<ReturnType<Backend['decide']>> => ({ result: { type: 'unsent', words: 'It threw.' } }));`,
      },
    ],
    test: 'faults/process/handlers',
    title: 'row 41: a call that throws may have arrived',
  },
} as const satisfies Remedies;
