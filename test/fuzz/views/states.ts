/** An approval as it may stand, with any texts of strangers in it. */
import fc from 'fast-check';
import { type Approval, outcomes } from '../../../src/core/approval/approval.ts';
import { actions } from '../../../src/core/approval/pause/pause.ts';
import type { Reason } from '../../../src/core/approval/reason.ts';
import { after, announced, asApproval, dana, pauseOf } from '../../support/data/pauses.ts';
import { anyJson, oddKey, oddText } from '../arbitrary.ts';

const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const parameters = fc
  .array(fc.tuple(oddKey, fc.oneof(anyJson, oddText(3_000))), { maxLength: 6 })
  .map((entries) => Object.fromEntries(entries) as Record<string, unknown>);
const moment = fc.constantFrom(0, 1_788_256_800_000, 8.64e15, -1, 1e300);

const pause = fc
  .record({
    kind: fc.constantFrom('approval' as const, 'await' as const, 'item' as const),
    tool: oddText(300),
    description: orNull(oddText(900)),
    asker: orNull(oddText(200)),
    reason: orNull(oddText(1_500)),
    parameters,
    hidden: fc.array(oddKey, { maxLength: 3 }),
    actions: fc.subarray([...actions]),
    deadline: orNull(moment),
  })
  .map(pauseOf);
const actor = fc
  .record({ platform: fc.constantFrom('slack', 'discord', 'application', '<@1>'), name: oddText(120) })
  .map(({ platform, name }) => ({ ...dana, platform, name }));
const decision = fc.record({ action: fc.constantFrom(...actions), actor, text: orNull(oddText(2_000)), at: moment });
const codes = [
  'request_changed',
  'interrupted',
  'application_interrupted',
  'not_forwarded',
  'unlisted',
  'run_ended',
  'no_answer',
] as const;
const reason: fc.Arbitrary<Reason> = fc.oneof(
  { weight: 3, arbitrary: oddText(700).map((text) => ({ code: 'text' as const, text })) },
  orNull(moment).map((madeAt) => ({ code: 'restored' as const, madeAt })),
  fc.constantFrom(...codes).map((code) => ({ code })),
);
const outcome = orNull(fc.constantFrom(...outcomes));
export const anyState: fc.Arbitrary<Approval> = fc
  .record({
    pause,
    confirm: fc.boolean(),
    phase: fc.constantFrom('open' as const, 'decided' as const, 'sending' as const, 'settled' as const),
    decision: orNull(decision),
    claim: orNull(fc.record({ actor, since: moment, until: moment })),
    previous: orNull(fc.record({ tool: oddText(200), parameters })),
    sharedNames: fc.subarray(['asker', 'contact'] as const).map((names) => [...names]),
    waitsFor: fc.nat(3),
    detail: orNull(reason),
    unreachable: orNull(reason),
    outcome,
    createdAt: moment,
    settledAt: orNull(moment),
    continuation: orNull(
      fc.record({
        state: fc.constantFrom('completed' as const, 'failed' as const, 'lost' as const),
        text: orNull(oddText(4_000)),
      }),
    ),
  })
  .map(({ pause: asked, ...rest }) => asApproval({ ...after(announced({ pause: asked })), ...rest }));
