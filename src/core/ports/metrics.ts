/**
 * All metrics, with their meaning and labels. A label holds only our own names (a backend, a platform, an outcome): never an
 * id, a person, a tool or a text. Tested in test/engine/observe/instrument.test.ts.
 */

interface Described {
  help: string;
  labels: readonly string[];
}

/** Only ever go up. Shown with `countersign_` before and `_total` behind. */
export const counters = {
  approvals_opened: { help: 'Pauses that became an approval.', labels: ['backend'] },
  approvals_settled: { help: 'Approvals that came to an end, by how.', labels: ['backend', 'outcome'] },
  runs_started: {
    help: 'Runs that were asked for from chat, by what their backend made of it.',
    labels: ['backend', 'outcome'],
  },
  presses: {
    help: 'Presses that reached the record: accepted, duplicate, or why they changed nothing.',
    labels: ['platform', 'outcome'],
  },
  presses_foreign: {
    help: 'Presses that are not ours: of another application or workspace, on a message of others, not verified, or made up.',
    labels: ['platform', 'reason'],
  },
  decisions_sent: {
    help: 'Calls that carried a decision, by their answer; "ambiguous" may have arrived, "unsent" surely has not.',
    labels: ['backend', 'result'],
  },
  runs_lost: {
    help: 'Runs whose rest was not seen: their stream was cut, and nothing can replay it.',
    labels: ['backend'],
  },
  runs_unfollowed: {
    help: 'Runs and pauses that can have no card, by why; a note in the rooms says so.',
    labels: ['backend', 'reason'],
  },
  approvals_over_limit: {
    help: 'Pauses that became no approval, because too many of their source are open; a repeated announcement counts again.',
    labels: ['backend'],
  },
  decisions_refused: {
    help: 'Decisions of applications that were refused and not forwarded (APPLICATION_DECIDES=off).',
    labels: ['backend'],
  },
  calls_unread: {
    help: 'Calls of applications that may hold a decision and were forwarded unread: encoding, broken, size, syntax.',
    labels: ['backend', 'reason'],
  },
  jobs_ended: { help: 'Tries of a job: done, to be tried again, or dead (given up).', labels: ['kind', 'outcome'] },
  cards: { help: 'Cards and notes drawn, by what was done.', labels: ['platform', 'deed'] },
  overload: {
    help: 'Requests refused or cut for want of time or room: slow_body, unread, requests, connections, buffers.',
    labels: ['reason'],
  },
  commits_failed: { help: 'Changes that the store refused: nothing of them was recorded.', labels: [] },
  wrong_secrets: {
    help: 'Calls that were refused for a wrong or missing secret, by where they came in.',
    labels: ['surface'],
  },
  calls_limited: {
    help: 'Calls that were refused because a caller made too many, by where they came in and which limit it was.',
    labels: ['surface', 'limit'],
  },
  alerts: {
    help: 'What the operator was to be told, by kind; also what was folded into an earlier alert.',
    labels: ['kind'],
  },
  alerts_unposted: { help: 'Alerts that an ALERTS place did not take. They stand in the log.', labels: ['platform'] },
} as const satisfies Record<string, Described>;

/** Stand as they are now. */
export const gauges = {
  approvals: { help: 'Approvals that are not settled, by phase.', labels: ['backend', 'phase'] },
  jobs: { help: 'Jobs in the outbox: waiting for their time, due, running, or dead.', labels: ['kind', 'state'] },
  oldest_due_job_seconds: { help: 'How long the oldest due job has waited for its turn.', labels: ['kind'] },
  list_hidden: { help: 'Items that are pending at a backend and that its list does not show.', labels: ['backend'] },
  check_ok: { help: '1 while this check of /readyz is well, 0 while it is not.', labels: ['check'] },
  event_loop_lag_seconds: { help: 'The longest that the event loop was held up in the last ten seconds.', labels: [] },
  buffered_bytes: { help: 'Bytes that are kept for callers, of at most 128 MiB.', labels: [] },
  disk_free_bytes: { help: 'Free space on the disk of the database.', labels: [] },
  stopped: { help: '1 while an operator has stopped everything, else 0.', labels: [] },
  started_timestamp_seconds: { help: 'When this process became ready, seconds since 1970.', labels: [] },
} as const satisfies Record<string, Described>;

/** How long, or how often. Shown with their buckets. */
export const histograms = {
  commit_seconds: {
    help: 'From a change asked for until it is committed.',
    labels: [],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  },
  job_tries: {
    help: 'Tries until a job was done or given up.',
    labels: ['kind'],
    buckets: [1, 2, 3, 5, 10, 20, 40, 120],
  },
} as const satisfies Record<string, Described & { buckets: readonly number[] }>;

type LabelsOf<T extends { labels: readonly string[] }> = Record<T['labels'][number], string>;
export type Counters = typeof counters;
export type Gauges = typeof gauges;
export type Histograms = typeof histograms;

export interface Metrics {
  /** @param by how many; default 1 */
  count<N extends keyof Counters>(name: N, labels: LabelsOf<Counters[N]>, by?: number): void;
  set<N extends keyof Gauges>(name: N, labels: LabelsOf<Gauges[N]>, value: number): void;
  /** Removes all values of a gauge, so that what no longer exists is not shown for ever. */
  clear(name: keyof Gauges): void;
  observe<N extends keyof Histograms>(name: N, labels: LabelsOf<Histograms[N]>, value: number): void;
}

/** Counts nothing. */
export const noMetrics: Metrics = { count() {}, set() {}, clear() {}, observe() {} };
