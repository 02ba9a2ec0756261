import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Approval } from '../../../../src/core/approval/approval.ts';
import type { Input, Step } from '../../../../src/core/approval/inputs.ts';
import { slotKey } from '../../../../src/core/approval/parts/slot.ts';
import { step } from '../../../../src/core/approval/steps/step.ts';
import { countSignatures, observeTimes } from '../../../../src/engine/observe/measure/times.ts';
import {
  announced,
  application,
  dana,
  discordRoom,
  pauseOf,
  pressed,
  sentAs,
  slackRoom,
} from '../../../support/data/pauses.ts';
import { jon, mara, requirementOf, signed } from '../../../support/data/requirements.ts';
import { createCounted } from '../../../support/metrics/counted.ts';

/** Applies inputs, each at its second, and measures each change. */
async function measure(...inputs: readonly [at: number, input: Input][]) {
  const { metrics, values } = createCounted();
  let before: Approval | null = null;
  for (const [at, input] of inputs) {
    const { state, ignored }: Step = step(before, input, at * 1_000);
    assert.ok(state);
    const facts = 'slot' in input ? { slot: input.slot } : {};
    const changed = { duplicate: false, before, state, ignored: ignored ?? null } as const;
    const observed = { input: input.type, facts, changed, route: state.requirement?.rule ?? 'none', metrics };
    observeTimes(observed);
    countSignatures(observed);
    before = state;
  }
  return values;
}

const postedIn = (place: typeof slackRoom): Input => ({
  type: 'posted',
  slot: slotKey('card', place),
  receipt: { ...place, message: '1.1' },
});
const sending: Input = { type: 'sending', resendable: true };
const recorded = sentAs({ type: 'recorded', following: false });

describe('how long it took', () => {
  test('until a person decided, from the first card; and from the decision until the backend had it', async () => {
    const values = await measure(
      [0, announced()],
      [2, postedIn(discordRoom)],
      [5, postedIn(slackRoom)],
      [62, pressed()],
      [63, sending],
      [66, recorded],
    );
    assert.deepEqual(await values('decision_seconds_sum'), { '{backend="runtype",route="none",action="approve"}': 60 });
    assert.deepEqual(await values('decision_seconds_count'), {
      '{backend="runtype",route="none",action="approve"}': 1,
    });
    assert.deepEqual(await values('delivery_seconds_sum'), { '{backend="runtype",outcome="approved"}': 4 });
    assert.deepEqual(await values('card_seconds_sum'), {
      '{backend="runtype",platform="discord"}': 2,
      '{backend="runtype",platform="slack"}': 5,
    });
  });

  test('an answer is not a take-over, and a call that is sent again is one decision', async () => {
    const values = await measure(
      [0, announced({ pause: pauseOf({ kind: 'await', actions: ['take_over'] }) })],
      [1, postedIn(slackRoom)],
      [11, pressed({ action: 'take_over', text: 'Monday' })],
      [12, sending],
      [13, sentAs({ type: 'unsent', reason: 'down' })],
      [20, sending],
      [21, recorded],
    );
    assert.deepEqual(await values('decision_seconds_sum'), { '{backend="runtype",route="none",action="answer"}': 10 });
    assert.deepEqual(await values('delivery_seconds_sum'), { '{backend="runtype",outcome="answered"}': 10 });
  });

  test('what no person decided is not measured, nor a press that changes nothing', async () => {
    const byApplication: Input = { type: 'claimed', action: 'approve', actor: application, text: null };
    const values = await measure([0, announced()], [9, pressed({ right: 'denied' })], [10, byApplication]);
    assert.deepEqual(await values('decision_seconds_count'), {});
    assert.deepEqual(await values('delivery_seconds_count'), {});
  });

  test('a card that is posted again, and one in a second room of the platform, are not measured', async () => {
    const other = { ...slackRoom, room: 'C0OTHER' };
    const gone: Input = {
      type: 'unposted',
      slot: slotKey('card', slackRoom),
      receipt: { ...slackRoom, message: '1.1' },
    };
    const values = await measure(
      [0, announced({ places: [slackRoom, other] })],
      [1, postedIn(slackRoom)],
      [2, postedIn(other)],
      [3, gone],
      [9, postedIn(slackRoom)],
    );
    assert.deepEqual(await values('card_seconds_count'), { '{backend="runtype",platform="slack"}': 1 });
  });

  test('a wall clock that was set back does not make a time negative', async () => {
    const values = await measure([100, announced()], [101, postedIn(slackRoom)], [50, pressed()]);
    assert.deepEqual(await values('decision_seconds_count'), {
      '{backend="runtype",route="none",action="approve"}': 1,
    });
    assert.deepEqual(await values('decision_seconds_sum'), {});
  });
});

describe('signatures', () => {
  const requirement = requirementOf();
  const ask = announced({ requirement });

  test('are given and refused; one person alone signs nothing', async () => {
    const values = await measure([0, ask], [1, signed(mara)], [2, signed(mara)], [3, signed(jon)]);
    assert.deepEqual(await values('signatures_total'), {
      '{route="refunds",outcome="given"}': 2,
      '{route="refunds",outcome="refused"}': 1,
    });
    const alone = await measure([0, announced()], [1, pressed({ actor: dana })]);
    assert.deepEqual(await alone('signatures_total'), {});
    const rejected = await measure([0, ask], [1, signed(mara, { action: 'reject' })]);
    assert.deepEqual(await rejected('signatures_total'), {}, 'its rule asks for one person');
  });

  test('no longer count where the request changes, and where they are withdrawn', async () => {
    const changed = announced({ requirement, fingerprint: 'd2', pause: pauseOf({ parameters: { amount: 99 } }) });
    const values = await measure(
      [0, ask],
      [1, signed(mara)],
      [2, changed],
      [3, signed(mara, { fingerprint: 'd2' })],
      [4, { type: 'unsigned', actor: mara }],
    );
    assert.deepEqual(await values('signatures_total'), {
      '{route="refunds",outcome="given"}': 2,
      '{route="refunds",outcome="changed"}': 1,
      '{route="refunds",outcome="withdrawn"}': 1,
    });
  });

  test('expire with their request, and are of no use where it is decided elsewhere', async () => {
    const timed = announced({ requirement, timing: { expire: { afterMs: 60_000, end: 'reject' }, escalate: [] } });
    const expired = await measure([0, timed], [1, signed(mara)], [61, { type: 'time_ended', end: 'reject' }]);
    assert.deepEqual(await expired('signatures_total'), {
      '{route="refunds",outcome="given"}': 1,
      '{route="refunds",outcome="expired"}': 1,
    });
    const gone = await measure([0, ask], [1, signed(mara)], [2, { type: 'cancelled', reason: 'The run ended.' }]);
    assert.deepEqual(await gone('signatures_total'), {
      '{route="refunds",outcome="given"}': 1,
      '{route="refunds",outcome="unused"}': 1,
    });
  });
});
