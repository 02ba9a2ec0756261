import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ApprovalIn } from '../../src/core/approval/approval.ts';
import type { Action, Pause } from '../../src/core/approval/pause/pause.ts';
import type { Backend, DecideAnswer } from '../../src/core/ports/ports.ts';
import { decided, withServer } from '../backends/runtype/support/backend.ts';
import { asApproval } from '../support/data/pauses.ts';

/** What goes wrong with a call: before it has an effect, or after. The emulators take these as they are. */
export type Spoiled =
  | { kind: 'status'; status: number; when: 'before' | 'after'; headers?: Record<string, string> }
  | { kind: 'reset'; when: 'before' | 'after' }
  | { kind: 'hang'; when: 'before' };

/** One backend of ours and the emulator it talks to. */
export interface BackendUnderTest {
  backend: Backend;
  /** Has one more pause made there, and resolves once it is announced here. */
  announce(): Promise<Pause>;
  /** What was decided through the API, by the emulator's own record. */
  effects(): Action[];
  /** Decides in the backend itself. */
  decideElsewhere(pause: Pause): void;
  /** Changes what a pending pause says, with no list read since. Absent where the backend can't be asked. */
  rewrite?(pause: Pause): void;
  /** What goes wrong with the next call that carries a decision. */
  spoil(fault: Spoiled): void;
  /** Calls that carried a decision and were received, with an effect or without. */
  received(): number;
  /** Resolves once the next such call is received. */
  nextCall(): Promise<void>;
  /** The server is gone; its address refuses connections. */
  unplug(): Promise<void>;
  /** The whole log, and what it must never contain. */
  logged(): { text: string; secrets: string[] };
}

export interface BackendHarness {
  /** The setting that the refusal of a key names. */
  keySetting: RegExp;
  use<T>(run: (world: BackendUnderTest) => Promise<T>): Promise<T>;
}

const never = new AbortController().signal;
/** Far longer than a stop may take, far shorter than the time-outs it must not wait for. */
const STOP_MS = 3_000;

/** What every backend must do, towards its own emulator. */
export function backendContract(name: string, { use, keySetting }: BackendHarness): void {
  /** Decides in one call and reads on where there is more to read. */
  async function decide(
    world: BackendUnderTest,
    pause: Pause,
    action: Action = 'approve',
    more: Partial<ApprovalIn<'sending'>> = {},
  ) {
    const { result, follow, retryAfterMs } = await world.backend.decide(
      [{ ...decided(pause, action), ...more }],
      never,
    );
    await follow?.();
    return { type: result.type, reason: wordsOf(result), retryAfterMs };
  }

  describe(`${name}: a decision`, () => {
    test('a pause names the backend, has its own key and can be approved and rejected', () =>
      use(async (world) => {
        const pauses = [await world.announce(), await world.announce()];
        assert.equal(new Set(pauses.map(({ key }) => key)).size, 2);
        for (const pause of pauses) {
          assert.equal(pause.backend, world.backend.name);
          for (const action of ['approve', 'reject'] as const) assert.ok(pause.actions.includes(action));
        }
      }));

    for (const action of ['approve', 'reject'] as const) {
      test(`${action}: recorded, with exactly one effect`, () =>
        use(async (world) => {
          const pause = await world.announce();
          assert.equal((await decide(world, pause, action)).type, 'recorded');
          assert.deepEqual(world.effects(), [action]);
          assert.equal(world.received(), 1);
        }));
    }

    test('a second one has no effect, and is reported as decided before', () =>
      use(async (world) => {
        const pause = await world.announce();
        await decide(world, pause, 'approve');
        const second = await decide(world, pause, 'reject');
        assert.ok(['already', 'gone'].includes(second.type), second.type);
        assert.notEqual(second.reason, '');
        assert.deepEqual(world.effects(), ['approve']);
      }));

    test('of what has changed since it was shown is not sent, where the backend can be asked', () =>
      use(async (world) => {
        const pause = await world.announce();
        if (world.rewrite === undefined) return;
        world.rewrite(pause);
        assert.equal((await decide(world, pause)).type, 'changed');
        assert.deepEqual([world.effects(), world.received()], [[], 0]);
      }));

    test('of what was decided elsewhere has no effect', () =>
      use(async (world) => {
        const pause = await world.announce();
        world.decideElsewhere(pause);
        const { type } = await decide(world, pause);
        assert.ok(['already', 'gone'].includes(type), type);
        assert.deepEqual(world.effects(), []);
      }));
  });

  describe(`${name}: failures`, () => {
    test('401: refused, and the reason names the setting', () =>
      use(async (world) => {
        const pause = await world.announce();
        // Twice, for a backend may try once more with a fresh token.
        for (let time = 0; time < 2; time += 1) world.spoil({ kind: 'status', status: 401, when: 'before' });
        const { type, reason } = await decide(world, pause);
        assert.equal(type, 'refused');
        assert.match(reason, keySetting);
      }));

    test('429: surely not taken; after its wait it is', () =>
      use(async (world) => {
        const pause = await world.announce();
        world.spoil({ kind: 'status', status: 429, when: 'before', headers: { 'retry-after': '7' } });
        const { type, retryAfterMs } = await decide(world, pause);
        assert.deepEqual([type, retryAfterMs], ['unsent', 7_000]);
        assert.equal((await decide(world, pause)).type, 'recorded');
        assert.deepEqual(world.effects(), ['approve']);
      }));

    const lost: Spoiled[] = [
      { kind: 'status', status: 500, when: 'after' },
      { kind: 'status', status: 503, when: 'after' },
      { kind: 'reset', when: 'after' },
    ];
    for (const fault of lost) {
      test(`${fault.kind === 'status' ? fault.status : 'a reset'} after it took effect: ambiguous, and never two effects`, () =>
        use(async (world) => {
          const pause = await world.announce();
          world.spoil(fault);
          assert.equal((await decide(world, pause)).type, 'ambiguous');
          assert.deepEqual(world.effects(), ['approve']);
          const again = await decide(world, pause, 'approve', { mayHaveArrived: true });
          assert.ok(['already', 'gone'].includes(again.type), again.type);
          assert.deepEqual(world.effects(), ['approve']);
        }));
    }

    test('500 before it took effect: ambiguous, or surely not taken, and then it can be sent again', () =>
      use(async (world) => {
        const pause = await world.announce();
        world.spoil({ kind: 'status', status: 500, when: 'before' });
        const { type } = await decide(world, pause);
        assert.ok(['ambiguous', 'unsent'].includes(type), type);
        assert.equal(
          (await decide(world, pause, 'approve', { mayHaveArrived: type === 'ambiguous' })).type,
          'recorded',
        );
        assert.deepEqual(world.effects(), ['approve']);
      }));

    test('no server: certainly not sent', () =>
      use(async (world) => {
        const pause = await world.announce();
        await world.unplug();
        const { type, reason } = await decide(world, pause);
        assert.equal(type, 'unsent');
        assert.notEqual(reason, '');
      }));

    for (const status of [301, 302, 303, 307, 308]) {
      test(`${status}: a redirect is not followed`, () => {
        let visits = 0;
        const trap = () => {
          visits += 1;
        };
        return withServer(trap, ({ url }) =>
          use(async (world) => {
            const pause = await world.announce();
            world.spoil({ kind: 'status', status, when: 'before', headers: { location: `${url}/v1/trap` } });
            const { type, reason } = await decide(world, pause);
            assert.equal(type, 'refused');
            assert.match(reason, /Redirects are not followed/);
            assert.equal(visits, 0);
          }),
        );
      });
    }

    test('it never rejects', () =>
      use(async (world) => {
        const pause = await world.announce();
        const foreign = { ...pause, wire: { made: 'up' } };
        const groups = [
          [],
          [asApproval({ ...decided(pause, 'approve'), decision: null })],
          [decided(foreign, 'approve')],
        ];
        for (const group of groups) {
          const { result } = await world.backend.decide(group, never);
          assert.equal(result.type, 'refused');
        }
        const { result } = await world.backend.decide([decided(pause, 'approve')], AbortSignal.abort());
        assert.equal(result.type, 'unsent');
        assert.equal(world.received(), 0);
      }));

    test('aborted while it waits for the answer: ambiguous, immediately', () =>
      use(async (world) => {
        const pause = await world.announce();
        const calling = new AbortController();
        world.spoil({ kind: 'hang', when: 'before' });
        const next = world.nextCall();
        const answer = world.backend.decide([decided(pause, 'approve')], calling.signal);
        await next;
        calling.abort();
        assert.equal((await within(STOP_MS, answer)).result.type, 'ambiguous');
      }));
  });

  describe(`${name}: its end`, () => {
    test('stop() ends what it reads, in time', () =>
      use(async (world) => {
        const watching = world.backend.watch?.(never);
        await within(STOP_MS, world.backend.stop());
        await within(STOP_MS, watching ?? Promise.resolve());
        await within(STOP_MS, world.backend.stop());
      }));

    test('watching ends with its signal', () =>
      use(async (world) => {
        await within(STOP_MS, world.backend.watch?.(AbortSignal.abort()) ?? Promise.resolve());
      }));

    test('the log contains no key and no payload', () =>
      use(async (world) => {
        const pause = await world.announce();
        world.spoil({ kind: 'status', status: 500, when: 'after' });
        await decide(world, pause);
        await decide(world, pause, 'approve', { mayHaveArrived: true });
        const { text, secrets } = world.logged();
        assert.notEqual(text, '');
        assert.ok(secrets.length > 1);
        for (const secret of secrets) assert.ok(!text.includes(secret), secret);
      }));
  });
}

function wordsOf(result: DecideAnswer['result']): string {
  return 'reason' in result ? result.reason : '';
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not over within ${ms} ms`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
