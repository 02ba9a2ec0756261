/**
 * Names of the points between two writes at which a process may die. The crash test ends the process at each of them and
 * compares the records of the outside world with the guarantees. Only tests listen.
 * Tested in test/crash/torture.test.ts.
 */

import type { AuditNote } from '../approval/audit.ts';
import type { Backend, Platform, Store } from './ports.ts';

export const failPoints = [
  // A start.
  'migration.begun',
  'migration.written',
  'migration.done',
  'recovery.begun',
  'recovery.done',
  // Every transaction.
  'commit.before',
  'commit.after',
  // A pause on its way in.
  'pause.read',
  'pause.recorded',
  // A press; once it is recorded, the platform's own answer to it comes next.
  'press.read',
  'press.recorded',
  // A job, and what it does.
  'job.claimed',
  'post.before',
  'post.after',
  'receipt.recorded',
  'update.before',
  'update.after',
  'mark.before',
  'mark.recorded',
  'call.before',
  'call.after',
  'result.recorded',
  'callback.before',
  'callback.after',
  'settle.before',
  'settle.after',
] as const;

export type FailPoint = (typeof failPoints)[number];

/** Called at each of them. */
export type ReachFailPoint = (point: FailPoint) => void;

type Edges = { before?: FailPoint; after?: FailPoint };

/** What is recorded by which input. */
const recording: Record<AuditNote['input'], Edges> = {
  announced: { before: 'pause.read', after: 'pause.recorded' },
  pressed: { before: 'press.read', after: 'press.recorded' },
  held: { before: 'press.read', after: 'press.recorded' },
  retried: { before: 'press.read', after: 'press.recorded' },
  sending: { before: 'mark.before', after: 'mark.recorded' },
  sent: { after: 'result.recorded' },
  posted: { after: 'receipt.recorded' },
};

async function between<T>(failPoint: ReachFailPoint, { before, after }: Edges, work: () => Promise<T>): Promise<T> {
  if (before !== undefined) failPoint(before);
  const value = await work();
  if (after !== undefined) failPoint(after);
  return value;
}

/** `commit.*` and `migration.*` are the store's own. */
export function failingStore<T extends Store>(store: T, failPoint: ReachFailPoint | undefined): T {
  if (failPoint === undefined) return store;
  return {
    ...store,
    transact: (change) => between(failPoint, recording[change.audit.input] ?? {}, () => store.transact(change)),
    async claim(...looked) {
      const jobs = await store.claim(...looked);
      if (jobs.length > 0) failPoint('job.claimed');
      return jobs;
    },
    claimInCommits: ({ ask, take }) =>
      store.claimInCommits({
        ask,
        take(jobs, dueInMs) {
          if (jobs.length > 0) failPoint('job.claimed');
          take(jobs, dueInMs);
        },
      }),
    settle: (...end) =>
      between(failPoint, { before: 'settle.before', after: 'settle.after' }, () => store.settle(...end)),
  };
}

export function failingPlatform(platform: Platform, failPoint: ReachFailPoint | undefined): Platform {
  if (failPoint === undefined) return platform;
  return {
    ...platform,
    post: (...message) =>
      between(failPoint, { before: 'post.before', after: 'post.after' }, () => platform.post(...message)),
    update: (...message) =>
      between(failPoint, { before: 'update.before', after: 'update.after' }, () => platform.update(...message)),
  };
}

export function failingBackend(backend: Backend, failPoint: ReachFailPoint | undefined): Backend {
  if (failPoint === undefined) return backend;
  return {
    ...backend,
    decide(group, signal) {
      const callback = group.some((approval) => backend.callsBack?.(approval) ?? false);
      const edges: Edges = callback
        ? { before: 'callback.before', after: 'callback.after' }
        : { before: 'call.before', after: 'call.after' };
      return between(failPoint, edges, () => backend.decide(group, signal));
    },
  };
}
