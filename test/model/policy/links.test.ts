/** A link between two accounts never adds a signature; what an application says never passes what takes two people. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createWaits } from '../../../src/backends/inbox/http/long-poll.ts';
import { createResolve } from '../../../src/backends/inbox/http/resolve.ts';
import type { Actor } from '../../../src/core/approval/parts/decision.ts';

import { runs } from '../../support/property.ts';
import { createRig, perform, type Rig } from './rig.ts';

const accounts: readonly Actor[] = [
  ...[1, 2, 3].map((n) => ({ platform: 'slack', id: `U0TEAM00${n}`, name: `Slack ${n}` })),
  ...[1, 2, 3].map((n) => ({ platform: 'discord', id: `21000000000000010${n}`, name: `Discord ${n}` })),
];
const team = accounts.map(({ platform, id }) => `${platform}:${id}`).join(', ');

/** So many of the team, whose accounts belong to no person of the file, approve and reject. */
const textOf = (count: number) => `version: 1
rooms:
  all: [slack:C0ROOM001, discord:310000000000000001]
rules:
  - name: everything
    rooms: [all]
    approve: { by: [${team}], count: ${count} }
    reject: { by: [${team}], count: 2 }
    take_over: { by: [] }
links: on
`;

type Move =
  | { type: 'sign' | 'withdraw'; who: number; on: number }
  | { type: 'link'; who: number; to: number }
  | { type: 'unlink'; who: number };

const nat = fc.nat(accounts.length - 1);
const anyMove: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('sign' as const), who: nat, on: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('withdraw' as const), who: nat, on: fc.nat(1) }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('link' as const), who: nat, to: nat }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('unlink' as const), who: nat }) },
);

/** Who has pressed Approve on each, and which accounts are linked: all that somebody who only watches knows. */
class Bystander {
  readonly #partners = new Map<number, number>();
  readonly #signed = [new Set<number>(), new Set<number>()];

  heard(move: Move): void {
    switch (move.type) {
      case 'sign':
        this.#signed[move.on]?.add(move.who);
        return;
      case 'withdraw':
        // A person withdraws what they signed with either account.
        for (const who of [move.who, this.#partners.get(move.who) ?? move.who]) this.#signed[move.on]?.delete(who);
        return;
      case 'link': {
        const { who, to } = move;
        const isFree = !this.#partners.has(who) && !this.#partners.has(to);
        if (!isFree || accounts[who]?.platform === accounts[to]?.platform) return;
        this.#partners.set(who, to);
        this.#partners.set(to, who);
        return;
      }
      case 'unlink': {
        const partner = this.#partners.get(move.who);
        this.#partners.delete(move.who);
        if (partner !== undefined) this.#partners.delete(partner);
      }
    }
  }

  /** How many different people have signed it, at most. */
  people(on: number): number {
    return new Set([...(this.#signed[on] ?? [])].map((who) => Math.min(who, this.#partners.get(who) ?? who))).size;
  }
}

async function make(move: Move, rig: Rig): Promise<void> {
  const press = { form: 0, shown: 'current', inDetails: false, again: false, noRoles: false } as const;
  switch (move.type) {
    case 'sign':
      return perform({ ...press, button: 'approve', ...move, type: 'press' }, rig, accounts);
    case 'withdraw':
      return perform({ ...press, button: 'unsign', ...move, type: 'press' }, rig, accounts);
    case 'link':
      return perform({ ...move, both: true }, rig, accounts);
    case 'unlink':
      return perform({ type: 'command', who: move.who, typed: 6 }, rig, accounts);
  }
}

const signaturesOf = async ({ engine, asked }: Rig, on: number) => {
  const approval = await engine.store.get(asked[on]?.id ?? '');
  return { isOpen: approval?.phase === 'open', signatures: approval?.signatures ?? [] };
};

describe('a link between accounts', () => {
  test('never adds a signature and never decides; a call has as many people as its rule asks for', async () => {
    let calls = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 3 }), fc.array(anyMove, { maxLength: 25 }), async (count, moves) => {
        const rig = await createRig(textOf(count));
        const bystander = new Bystander();
        try {
          for (const move of moves) {
            const before = await Promise.all([0, 1].map((on) => signaturesOf(rig, on)));
            await make(move, rig);
            bystander.heard(move);
            for (const on of [0, 1]) {
              const { isOpen, signatures } = await signaturesOf(rig, on);
              const earlier = before[on];
              if (earlier?.isOpen !== true) continue;
              const people = new Set(signatures.map(({ actor }) => actor.person ?? `${actor.platform}:${actor.id}`));
              assert.equal(people.size, signatures.length, 'one signature for each person');
              assert.ok(signatures.length <= bystander.people(on), 'more signatures than people');
              if (!isOpen) assert.ok(bystander.people(on) >= count, 'decided by too few');
              if (move.type === 'sign') continue;
              assert.ok(isOpen, `decided by ${move.type}`);
              assert.ok(signatures.length <= earlier.signatures.length, `${move.type} added a signature`);
            }
          }
          calls += rig.engine.calls.length;
        } finally {
          await rig.engine.stop();
        }
      }),
      { numRuns: runs(8) },
    );
    assert.ok(calls > 0, 'some of these are decided');
  });
});

describe('what takes two people', () => {
  test('is decided by no application: not through the gateway, and not with one of RESOLVE_TOKENS', async () => {
    const { engine, asked } = await createRig(textOf(2));
    const resolve = createResolve({
      resolvers: new Map([['token', null]]),
      onPress: engine.onPress,
      find: (id) => engine.store.get(id),
      waits: createWaits({ store: engine.store, clock: engine.clock }),
      clock: engine.clock,
      log: engine.log,
    });
    const [signer] = accounts;
    assert.ok(signer);
    try {
      for (const { id, pause } of asked) {
        for (const action of ['approve', 'reject'] as const) {
          const actor = { platform: 'application', id: 'k1', name: 'application' };
          const decision = { backend: pause.backend, key: pause.key, action, actor, text: 'yes', isOwn: () => true };
          const { type } = await engine.intake.recordApplicationDecision(decision);
          assert.equal(type, 'people_only', `${pause.tool} ${action}`);
          const body = JSON.stringify({ action, reason: 'yes', confirm: true });
          const caller = { asker: null, actor: signer };
          const { status } = await resolve(caller, id, body, new AbortController().signal);
          assert.equal(status, 403, `${pause.tool} ${action}`);
        }
        const { phase, signatures } = (await engine.store.get(id)) ?? {};
        assert.deepEqual([phase, signatures], ['open', []]);
      }
      assert.deepEqual(engine.calls, []);
    } finally {
      await engine.stop();
    }
  });
});
