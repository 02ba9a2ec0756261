/**
 * The standing answers of people: given, used and ended. A use is counted in the commit of the approval that it decides, on
 * what the store holds, so that no crash and no race makes one of two. Tested in test/engine/standing/grants.test.ts.
 */
import type { Approval } from '../../core/approval/approval.ts';
import type { InputOf } from '../../core/approval/inputs.ts';
import type { Actor } from '../../core/approval/parts/decision.ts';
import { isAskedAnew } from '../../core/approval/steps/stood.ts';
import { type Grant, type GrantEnd, grantSchema } from '../../core/policy/grants/grant.ts';
import { type Likeness, likenessOf } from '../../core/policy/grants/likeness.ts';
import type { Policy } from '../../core/policy/rules/policy.ts';
import type { Changed, Clock, Log, Store } from '../../core/ports/ports.ts';
import type { Apply, Follow } from '../apply.ts';
import type { Records } from '../background/records.ts';
import { createGrantUse } from './grant-use.ts';

export interface Grants {
  /** All that are kept, by the id of the approval from whose card each was given; those that have ended, too. */
  all(): ReadonlyMap<string, Grant>;
  endOf(grant: Grant): GrantEnd | null;
  /** The one in force for requests like this; null: there is none. */
  inForceFor(likeness: Likeness): Grant | null;
  /** @throws StoreError when nothing was recorded */
  give(grant: Omit<Grant, 'same' | 'shape' | 'key' | 'used'>, likeness: Likeness): Promise<Grant>;
  /** @returns whether there was one. @throws StoreError when nothing was recorded */
  end(from: string, why: GrantEnd, by: Actor | null): Promise<boolean>;
  /** What may decide this announcement; null: nothing. @param pause as it is stored */
  answerTo(pause: Approval['pause'], via: Approval['via']): Use | null;
  /** After an announcement was committed: counts its use, and ends those that it shows to be out of date. */
  announced(use: Use | null, changed: Changed): Promise<void>;
  /** Ends those that are not in force any more, and those of people who may not approve any more. */
  review(): Promise<void>;
  /** This database is a copy: none of them is used any more. */
  endAll(why: GrantEnd): Promise<void>;
}

/** A decision by a standing answer, which follows an announcement. */
export interface Use extends Follow {
  from: string;
}

export interface GrantsDeps {
  records: Records;
  store: Pick<Store, 'get'>;
  apply: Apply;
  policy: Policy;
  clock: Clock;
  log: Log;
}

export function createGrants({ records, store, apply, policy, clock, log }: GrantsDeps): Grants {
  const kept = records.of('grant', grantSchema);
  const use = createGrantUse({ policy, clock });
  const inForce = () => [...kept.all().values()].filter((grant) => use.endOf(grant) === null);

  /** Its own card says so. What is missing there is in the audit log all the same. */
  async function tell(from: string, change: Omit<InputOf<'grant_changed'>, 'type'>) {
    await apply(from, { type: 'grant_changed', ...change }).catch((error: unknown) => {
      log.warn({ approval: from, err: error }, 'a card does not show yet how its standing answer has changed');
    });
  }

  async function end(from: string, why: GrantEnd, by: Actor | null): Promise<boolean> {
    const grant = kept.get(from);
    if (grant === undefined) return false;
    const { used, uses } = grant;
    const facts = { approval: from, of: grant.by, why, used, uses };
    if (!(await kept.delete(from, { input: 'grant_ended', actor: by, facts }))) return false;
    log.info({ approval: from, why, used, uses, by: by?.id }, 'a standing answer has ended');
    await tell(from, { actor: by, what: 'ended', facts: { why, used, of: uses } });
    return true;
  }

  /** Where it could not be looked up, nothing is decided, and it stays. */
  async function reviewOne(grant: Grant): Promise<void> {
    const why = use.endOf(grant);
    if (why !== null) return void (await end(grant.from, why, null));
    const approval = await store.get(grant.from);
    if (approval === null || use.rightOf(grant, approval) === 'denied') await end(grant.from, 'rights', null);
  }

  return {
    all: kept.all,
    endOf: use.endOf,
    end,
    inForceFor: (likeness) => inForce().find((grant) => use.isLike(grant, likeness)) ?? null,
    async give(given, likeness) {
      const { key, same, shape } = likeness;
      const hashes = { key: clock.hash(key), same: clock.hash(same), shape: clock.hash(shape) };
      const grant: Grant = { ...given, ...hashes, used: 0 };
      const { from, by, rule, uses, until } = grant;
      await kept.put(from, grant, { input: 'grant_given', actor: by, facts: { approval: from, rule, uses, until } });
      log.info({ approval: from, by: by.id, platform: by.platform, rule, uses }, 'a standing answer was given');
      return grant;
    },
    answerTo(pause, via) {
      const isOfAsker = use.ofSameAsker(pause, via);
      const found = inForce().find((grant) => {
        const likeness = isOfAsker(grant) ? likenessOf(pause, via, grant.vary) : null;
        return likeness !== null && use.isLike(grant, likeness);
      });
      return found === undefined
        ? null
        : { from: found.from, record: { kind: 'grant', id: found.from }, inputFor: use.inputFor };
    },
    async announced(answer, changed) {
      if (changed.duplicate || changed.state === null) return;
      const { before, state, followed } = changed;
      const others = use.hasNewArguments(changed) ? inForce().filter(use.ofOtherShape(state)) : [];
      for (const { from } of others) await end(from, 'shape', null);
      if (!isAskedAnew(before, followed?.from ?? state)) return;
      const known = answer === null ? undefined : kept.get(answer.from);
      if (known === undefined) return;
      const used = grantSchema.safeParse(followed?.value).data;
      if (used === undefined) return reviewOne(known);
      kept.written(used.from, used);
      await tell(used.from, {
        actor: null,
        what: 'used',
        facts: { use: used.used, of: used.uses, approval: state.id },
      });
    },
    async review() {
      for (const grant of [...kept.all().values()]) await reviewOne(grant);
    },
    async endAll(why) {
      for (const from of [...kept.all().keys()]) await end(from, why, null);
    },
  };
}
