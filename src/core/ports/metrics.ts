/**
 * All metrics, with their meaning and labels. A label holds only our own names (a backend, a platform, an outcome) and the names
 * of the rules in the policy file (`route`): never an id, a person, a tool or a text. docs/metrics.md is checked against this.
 * Tested in test/engine/observe/instrument.test.ts.
 */

interface Described {
  help: string;
  labels: readonly string[];
  /** It is read from the database, so a restart does not change it. All others are of this process, and begin anew. */
  kept?: true;
  /** Values of the labels that are there from the start, as 0: else Prometheus takes the first increment for no rise. */
  initial?: readonly Readonly<Record<string, string>>[];
}

const HOUR = 60 * 60;
const DAY = 24 * HOUR;

/** Only ever go up. Shown with `countersign_` before and `_total` behind. */
export const counters = {
  pauses_seen: {
    help: 'Announcements of a pause that reached the record, by the way they came in; a repeated one counts again.',
    labels: ['backend', 'via'],
  },
  approvals_opened: { help: 'Pauses that became an approval.', labels: ['backend', 'route'] },
  approvals_settled: { help: 'Approvals that came to an end, by how.', labels: ['backend', 'route', 'outcome'] },
  signatures: {
    help: 'Signatures where a rule asks for several: given, refused, expired, or no longer counted, by why.',
    labels: ['route', 'outcome'],
  },
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
  rate_limits: {
    help: 'Answers that asked to wait before the next call, by who gave them and for which calls.',
    labels: ['service', 'calls', 'rooms'],
  },
  rate_wait_seconds: {
    help: 'For how long calls were held back: as the service asked, or to keep below its limit.',
    labels: ['service', 'calls', 'rooms', 'why'],
  },
  cards: { help: 'Cards and notes drawn, by what was done.', labels: ['platform', 'deed'] },
  overload: {
    help: 'Requests refused or cut for want of time or room: slow_body, unread, requests, connections, buffers.',
    labels: ['reason'],
    initial: ['slow_body', 'unread', 'requests', 'connections', 'buffers'].map((reason) => ({ reason })),
  },
  commits_failed: { help: 'Changes that the store refused: nothing of them was recorded.', labels: [] },
  wrong_secrets: {
    help: 'Calls that were refused for a wrong or missing secret, by where they came in.',
    labels: ['surface'],
    initial: ['inbox', 'probes', 'ingest', 'gateway', 'presses'].map((surface) => ({ surface })),
  },
  calls_limited: {
    help: 'Calls that were refused because a caller made too many, by where they came in and which limit it was.',
    labels: ['surface', 'limit'],
    initial: [
      { surface: 'gateway', limit: 'run' },
      ...['token', 'token questions', 'asker', 'run'].map((limit) => ({ surface: 'inbox', limit })),
    ],
  },
  alerts: {
    help: 'What the operator was to be told, by kind; also what was folded into an earlier alert.',
    labels: ['kind'],
  },
  alerts_unposted: { help: 'Alerts that an ALERTS place did not take. They stand in the log.', labels: ['platform'] },
  starts: {
    help: 'Starts of the process since the database was made, by how the one before it ended.',
    labels: ['after'],
    kept: true,
  },
} as const satisfies Record<string, Described>;

/** Stand as they are now. */
export const gauges = {
  approvals: { help: 'Approvals that are not settled, by phase.', labels: ['backend', 'phase'], kept: true },
  open_approvals: {
    help: 'Approvals that wait for people, by the rule that applies.',
    labels: ['backend', 'route'],
    kept: true,
  },
  oldest_open_approval_seconds: {
    help: 'How long the oldest approval has waited for people.',
    labels: ['backend', 'route'],
    kept: true,
  },
  signatures_missing: {
    help: 'Signatures that open approvals still need for a yes, where their rule asks for several people.',
    labels: ['backend', 'route'],
    kept: true,
  },
  jobs: {
    help: 'Jobs in the outbox: waiting for their time, due, running, or dead.',
    labels: ['kind', 'state'],
    kept: true,
  },
  oldest_due_job_seconds: {
    help: 'How long the oldest due job has waited for its turn.',
    labels: ['kind'],
    kept: true,
  },
  list_hidden: { help: 'Items that are pending at a backend and that its list does not show.', labels: ['backend'] },
  check_ok: { help: '1 while this check of /readyz is well, 0 while it is not.', labels: ['check'] },
  replicas: {
    help: 'Replicas on this database: alive, or silent (nobody has taken over their work yet). One without PostgreSQL.',
    labels: ['state'],
    kept: true,
  },
  replicas_differ: {
    help: '1 while replicas have different settings, policy files or versions, else 0.',
    labels: [],
    kept: true,
  },
  event_loop_lag_seconds: { help: 'The longest that the event loop was held up in the last ten seconds.', labels: [] },
  buffered_bytes: { help: 'Bytes that are kept for callers, of at most 128 MiB.', labels: [] },
  database_bytes: {
    help: 'Size of the database: its file, and its log of changes (WAL).',
    labels: ['file'],
    kept: true,
  },
  disk_free_bytes: { help: 'Free space on the disk of the database.', labels: [] },
  doctor_findings: { help: 'What the doctor found last: faults and warnings.', labels: ['level'] },
  stopped: { help: '1 while an operator has stopped everything, else 0.', labels: [] },
  policy_problems: {
    help: 'Errors in the newest policy file. While there are any, the one before it applies.',
    labels: [],
  },
  policy_loaded_timestamp_seconds: { help: 'When the policy that applies was loaded, seconds since 1970.', labels: [] },
  clock_seconds: {
    help: 'What time it is here, seconds since 1970: to compare with the time of the scrape.',
    labels: [],
  },
  build_info: { help: '1, with the version of Countersign.', labels: ['version'] },
  started_timestamp_seconds: { help: 'When this process became ready, seconds since 1970.', labels: [] },
} as const satisfies Record<string, Described>;

/** How long, or how often. Shown with their buckets. */
export const histograms = {
  decision_seconds: {
    help: 'How long people took to decide: from the first card posted until the decision. Without what rules and applications decide.',
    labels: ['backend', 'route', 'action'],
    // Somebody who is there, a meeting, a day off, a weekend.
    buckets: [10, 30, 60, 300, 900, HOUR, 4 * HOUR, 8 * HOUR, DAY, 3 * DAY, 7 * DAY],
  },
  card_seconds: {
    help: 'From a pause seen until its first card is posted.',
    labels: ['backend', 'platform'],
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, HOUR],
  },
  press_answer_seconds: {
    help: 'From a press, form or command received until the platform has its answer. Slack and Discord wait three seconds.',
    labels: ['platform', 'request'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5],
  },
  delivery_seconds: {
    help: 'From a decision until it is known what became of it at the backend.',
    labels: ['backend', 'outcome'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, HOUR, 8 * HOUR],
  },
  backend_call_seconds: {
    help: 'Calls to a backend until the headers of the answer: its class of status, "unsent" or "ambiguous" without one.',
    labels: ['backend', 'call', 'outcome'],
    buckets: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  },
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
  /** @param traceId of an example of it, for its exemplar */
  observe<N extends keyof Histograms>(name: N, labels: LabelsOf<Histograms[N]>, value: number, traceId?: string): void;
}

/** The kinds of calls to a backend. `forward`: an application's own, through the gateway. */
export const backendCalls = ['decide', 'list', 'check', 'create', 'read', 'callback', 'forward'] as const;
export type BackendCall = (typeof backendCalls)[number];

/** Counts nothing. */
export const noMetrics: Metrics = { count() {}, set() {}, clear() {}, observe() {} };
