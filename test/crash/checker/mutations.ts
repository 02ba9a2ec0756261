/**
 * The rig is tested itself: each of these breaks the bot on purpose, in the child process alone, and the checker must
 * object. They edit the source as it is loaded, so that production code holds no switch for them.
 */
import { type Edit, mutate } from '../../support/mutate.ts';
import type { KillScript } from '../script/kills.ts';
import type { FaultName } from '../world/faults.ts';

export interface Mutation {
  /** What it takes away. */
  about: string;
  /** The invariant that the checker must name, and in which words. */
  objects: readonly [invariant: string, words: RegExp];
  edits: readonly Edit[];
  /** What brings it to light. */
  faults?: readonly FaultName[];
  kills?: readonly KillScript[];
  /** Two replicas on PostgreSQL have to meet it. */
  replicas?: true;
}

const now = { afterMs: 0, downMs: 0 } as const;

export const crashMutations = {
  'no-unique-approval': {
    about: 'the unique constraint: every change of an approval is a row of its own',
    objects: ['I1', /\d cards on/],
    edits: [
      {
        in: 'migrations',
        find: /id +TEXT PRIMARY KEY,(?=\s+backend)/,
        put: 'id TEXT NOT NULL,',
      },
      { in: 'saveApproval', find: /ON CONFLICT \(id\) DO UPDATE SET\s+run_id[^`]*/, put: '' },
      { in: 'Approvals', find: 'const isSameRow = base !== null &&', put: 'const isSameRow = state === base &&' },
      { in: 'States', find: '?.state ?? this.#unsettled.get(id) ?? this.#settled.get(id);', put: '?.state;' },
    ],
  },
  'ack-before-commit': {
    about: 'commit, then acknowledge: the press is answered first, and recorded a moment later',
    objects: ['I3', /never took effect/],
    edits: [
      {
        in: 'createPressHandler',
        find: /const \[changed\] = await Promise\.all\(\[/,
        put: `clock.sleep(400).then(() => apply(press.buttonId.approvalId, input, press.id)).catch(() => {});
          if (clock !== undefined) return handled({ type: 'accepted' }, 'accepted');
          const [changed] = await Promise.all([`,
      },
    ],
    kills: [{ ...now, by: 'event', event: 'slack hears an ack', nth: 1 }],
  },
  'library-retries': {
    about: 'one request a try: Slack’s library posts again by itself when an answer is lost',
    objects: ['I1', /\d cards on slack/],
    edits: [
      {
        in: 'createSlack',
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
        in: 'step',
        find: /if \(state\.phase !== 'open' && !isLeftToPeople\(state\)\) return[^;]*;/,
        put: '',
      },
    ],
  },
  'anybody-may-decide': {
    about: 'default deny',
    objects: ['I5', /nobody who may had pressed/],
    edits: [
      {
        in: 'createRights',
        find: /yes: having\('yes'\)\.map/,
        put: 'yes: found.map',
      },
    ],
  },
  'blind-resend': {
    about: 'at most once, where a second decision is not refused',
    objects: ['I2', /without need/],
    edits: [
      {
        in: 'createDecideJob',
        find: 'return send({ job, backend, onTheWay, resendable, about, signal }, deps);',
        put: 'return send({ job, backend, onTheWay, resendable: true, about, signal }, deps);',
      },
    ],
    faults: ['runtype resume: answer lost', 'hookpulse action: 500'],
  },
  'leases-kept': {
    about: 'recovery: what the dead process held stays held',
    objects: ['I1', /no card on slack/],
    edits: [{ in: 'release', find: /await store\.release\(replica\);/, put: '' }],
    kills: [{ ...now, by: 'event', event: 'slack takes a post', nth: 1 }],
  },
  'approved-too-early': {
    about: 'never “approved” before the backend said so',
    objects: ['I3', /before its backend knew/],
    edits: [
      {
        in: 'statusOf',
        find: /\.\.\.who\.map\(bold\),\s+\{ strong: ` \$\{did\}\.` \},\s+\.\.\.pending\(\)/,
        put: '{ strong: "Approved by " }, ...who.map(bold), { strong: "." }',
      },
    ],
  },
  'nobody-is-told': {
    about: 'whoever pressed in vain is told',
    objects: ['I4', /was told 0 times/],
    edits: [
      {
        in: 'handlePresses',
        find: /else if \(answer\.type === 'refused'[^)]*\) await replies\.text\(target, answer\.text\);/,
        put: '',
      },
    ],
  },
  'digest-beside-cards': {
    about: 'one place: what is a line of a digest has a card of its own as well',
    objects: ['I1', /2 cards on/],
    edits: [
      {
        in: 'createDrawJob',
        find: /if \(digest === null && digestIdOf\(slot\) !== null\) return[^;]*;/,
        put: '',
      },
    ],
  },
} as const satisfies Record<string, Mutation>;

export type MutationName = keyof typeof crashMutations;
export const mutationNames = Object.keys(crashMutations) as MutationName[];

/** From here on the bot's modules are loaded with the edits of this one. @throws Error when one of them does not fit any more */
export function mutateAs(name: string): void {
  if (!Object.hasOwn(crashMutations, name))
    throw new Error(`There is no mutation ${name}: ${mutationNames.join(', ')}.`);
  mutate(crashMutations[name as MutationName].edits, name);
}
