/**
 * The rig is tested itself: each of these breaks the bot on purpose, in the child process alone, and the checker must
 * object. They edit the source as it is loaded, so that production code holds no switch for them.
 */
import { type Edit, mutate } from '../../support/mutate.ts';
import type { KillScript } from '../script/script.ts';
import type { FaultName } from '../world/faults.ts';

export interface Mutation {
  /** What it takes away. */
  about: string;
  /** The invariant that the checker must name, and in which words. */
  objects: readonly [invariant: string, words: RegExp];
  edits: readonly Edit[];
  /** What brings it to light. */
  faults?: readonly FaultName[];
  kill?: KillScript;
}

const now = { afterMs: 0, downMs: 0 } as const;

export const mutations = {
  'no-unique-approval': {
    about: 'the unique constraint: every change of an approval is a row of its own',
    objects: ['I1', /\d cards on/],
    edits: [
      {
        file: 'store/sqlite/file/migrations.ts',
        find: /id +TEXT PRIMARY KEY,(?=\s+backend)/,
        put: 'id TEXT NOT NULL,',
      },
      { file: 'store/sqlite/index.ts', find: /ON CONFLICT \(id\) DO UPDATE SET run_id[^`]*/, put: '' },
    ],
  },
  'ack-before-commit': {
    about: 'commit, then acknowledge: the press is answered first, and recorded a moment later',
    objects: ['I3', /never took effect/],
    edits: [
      {
        file: 'engine/presses/press.ts',
        find: /const \[changed\] = await Promise\.all\(\[/,
        put: `clock.sleep(40).then(() => apply(press.aim.approvalId, input, press.id)).catch(() => {});
          if (clock !== undefined) return { type: 'accepted' };
          const [changed] = await Promise.all([`,
      },
    ],
    kill: { ...now, by: 'event', event: 'slack hears an ack', nth: 1 },
  },
  'library-retries': {
    about: 'one request a try: Slack’s library posts again by itself when an answer is lost',
    objects: ['I1', /\d cards on slack/],
    edits: [
      {
        file: 'platforms/slack/index.ts',
        find: /retryConfig: \{ retries: 0 \}/,
        put: 'retryConfig: { retries: 3, minTimeout: 20, maxTimeout: 40 }',
      },
    ],
    faults: ['slack post: answer lost'],
  },
  'last-press-wins': {
    about: 'one decision: a later press takes the place of the first',
    objects: ['I4', /two presses were accepted/],
    edits: [
      {
        file: 'core/approval/steps/step.ts',
        find: /if \(state\.phase !== 'open' && !leftByApplication\(state\)\) return[^;]*;/,
        put: '',
      },
    ],
  },
  'anybody-may-decide': {
    about: 'default deny',
    objects: ['I5', /nobody who may had pressed/],
    edits: [
      {
        file: 'core/policy/reviewers.ts',
        find: /return answers\.includes\('unknown'\) \? 'unverified' : 'denied';/,
        put: "return 'allowed';",
      },
    ],
  },
  'blind-resend': {
    about: 'at most once, where a second decision is not refused',
    objects: ['I2', /without need/],
    edits: [
      {
        file: 'engine/outbox/send-job.ts',
        find: /const resendable = backend\.resendable\(decided\);(?=\s+const marked)/,
        put: 'const resendable = true;',
      },
    ],
    faults: ['runtype resume: answer lost', 'hookpulse action: 500'],
  },
  'leases-kept': {
    about: 'recovery: what the dead process held stays held',
    objects: ['I1', /no card on slack/],
    edits: [{ file: 'engine/recovery/recover.ts', find: /await store\.unlockJobs\(null\);/, put: '' }],
    kill: { ...now, by: 'event', event: 'slack takes a post', nth: 1 },
  },
  'approved-too-early': {
    about: 'never “approved” before the backend said so',
    objects: ['I3', /before its backend knew/],
    edits: [
      {
        file: 'core/view/cards/status.ts',
        find: /\{ strong: `\$\{who\} \$\{did\}\.` \}, pendingText\([^)]*\)/,
        put: '{ strong: "Approved by " + who + "." }',
      },
    ],
  },
  'nobody-is-told': {
    about: 'whoever pressed in vain is told',
    objects: ['I4', /was told 0 times/],
    edits: [
      {
        file: 'platforms/slack/inbound/presses.ts',
        find: /else if \(answer\.type === 'refused'[^)]*\) await tell\(read\.aside, answer\.text\);/,
        put: '',
      },
    ],
  },
  'digest-beside-cards': {
    about: 'one place: what is a line of a digest has a card of its own as well',
    objects: ['I1', /2 cards on/],
    edits: [
      {
        file: 'engine/outbox/draw.ts',
        find: /if \(bundle === null && digestIdOf\(slot\) !== null\) return[^;]*;/,
        put: '',
      },
    ],
  },
} as const satisfies Record<string, Mutation>;

export type MutationName = keyof typeof mutations;
export const mutationNames = Object.keys(mutations) as MutationName[];

/** From here on the bot's modules are loaded with the edits of this one. @throws Error when one of them does not fit any more */
export function mutateAs(name: string): void {
  if (!Object.hasOwn(mutations, name)) throw new Error(`There is no mutation ${name}: ${mutationNames.join(', ')}.`);
  mutate(mutations[name as MutationName].edits, name);
}
