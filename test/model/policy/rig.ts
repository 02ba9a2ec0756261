/** The real engine on a real store, with a policy file, and what people can do to it from either platform. */
import fc from 'fast-check';
import type { Actor } from '../../../src/core/approval/parts/decision.ts';
import type { Pause } from '../../../src/core/approval/pause/pause.ts';
import { CONFIRM_KEY, type Filled, optionName } from '../../../src/core/form/form.ts';
import type { ButtonId } from '../../../src/core/view/button-id.ts';
import { parseAsk, parseListVerb } from '../../../src/core/view/command.ts';
import { WHICH } from '../../../src/core/view/forms/bulk-form.ts';
import { createTestClock } from '../../support/clock.ts';
import { documentOfText } from '../../support/data/example-policies.ts';
import { discordRoom, pauseOf, slackRoom } from '../../support/data/pauses.ts';
import { createTestEngine, type Engine } from '../../support/worlds/engine.ts';

/** Monday, 11:00 in Berlin. */
const start = Date.parse('2026-11-30T10:00:00Z');

/** mara asked for all refunds, and has no other right; jon has all of them; ana is named, and has none. */
export const policyText = (more = '') => `version: 1
people:
  mara: [slack:U0MARA001, discord:210000000000000001]
  jon: [slack:U0JON0001, discord:210000000000000002]
  ana: [slack:U0ANA0001, discord:210000000000000003]
groups:
  finance: [mara, slack:group:S0FINANCE]
  legal: [jon, discord:role:410000000000000003]
rooms:
  all: [${slackRoom.platform}:C0ROOM001, discord:310000000000000001]
rules:
  - name: refunds
    match: { tool: refund_* }
    rooms: [all]
    approve: { by: [finance, legal], count: 2, each: 1, not: [requester] }
    reject: { by: [finance, legal], not: [requester], reason: required }
    remind: { after: [10m], to: direct }
    escalate: [{ after: 1h, mention: [jon] }]
  - name: no one
    match: { tool: never_* }
    when: params.amount > 500
    rooms: [all]
    approve: { by: [mara] }
  - name: everything else
    rooms: [all]
    approve: { by: [jon], confirm: true }
defaults: { digest: 2 }
links: on
operators: [jon]
${more}`;

export interface Asked {
  pause: Pause;
  id: string;
}

const questions: readonly Partial<Pause>[] = [
  { tool: 'refund_order', requester: 'mara' },
  { tool: 'refund_order', requester: 'slack:U0MARA001' },
  { tool: 'delete_branch' },
  { tool: 'never_ever', parameters: { amount: 'a text' } },
  { tool: 'pick_slot', kind: 'await', actions: ['take_over', 'reject'] },
  { tool: 'confirm_slot', kind: 'await' },
];

/** An engine with these questions, posted in both rooms. */
export async function createRig(text = policyText()) {
  const engine = createTestEngine({ clock: createTestClock(start), document: documentOfText(text), digestFrom: 2 });
  engine.outbox.start();
  const asked: Asked[] = [];
  for (const [index, question] of questions.entries()) {
    const pause = pauseOf({ key: `q${index}`, runId: `run${index}`, wire: {}, ...question });
    await announce(engine, pause);
    asked.push({ pause, id: engine.idOf(pause.key) });
  }
  return { engine, asked, count: { presses: 0, version: 0 } };
}

export type Rig = Awaited<ReturnType<typeof createRig>>;

function announce(engine: Engine, pause: Pause): Promise<unknown> {
  return engine.intake.deliver({ type: 'announced', pause, via: 'stream', streamOpen: false, inputId: null });
}

/** Any button; those of digests are pressed with the ID of a digest, and with that of an approval. */
const buttons = [
  ...['approve', 'reject', 'take_over', 'retry', 'hand_back', 'unsign', 'details', 'show'],
  ...['approve_several', 'reject_several', 'one_by_one'],
] as const;
const deciding = ['approve', 'reject', 'take_over'] as const;

const forms: readonly (Filled | null)[] = [
  null,
  { text: '' },
  { text: 'yes' },
  { text: 'approve it', [CONFIRM_KEY]: [optionName(0)] },
  { [CONFIRM_KEY]: [optionName(0)] },
  { reason: 'own', text: 'Done by hand', [WHICH]: [optionName(0), optionName(1)] },
];

const typed = [
  ...['run refunds', 'stop', 'start', 'status', 'retry', 'link', 'unlink', 'help'],
  ...['away until Friday → @ana', 'away until 3 days -> @jon', 'away until tomorrow to @mara', 'away', 'back'],
  ...['standing', 'standing end all'],
];

export type Act =
  | {
      type: 'press';
      who: number;
      on: number;
      button: (typeof buttons)[number];
      form: number;
      shown: 'current' | 'old' | 'any';
      inDetails: boolean;
      again: boolean;
      noRoles: boolean;
    }
  | { type: 'command'; who: number; typed: number }
  /** One types the code of the other, and says yes to whom it names; `both`: so does the other. */
  | { type: 'link'; who: number; to: number; both: boolean }
  | { type: 'list'; who: number }
  | { type: 'form'; who: number; on: number; shown: boolean }
  | { type: 'change'; on: number }
  | { type: 'time'; ms: number };

export const anyAct: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.record({
      type: fc.constant('press' as const),
      who: fc.nat(20),
      on: fc.nat(20),
      button: fc.constantFrom(...buttons, ...deciding, ...deciding, ...deciding, ...deciding),
      form: fc.nat(forms.length - 1),
      shown: fc.constantFrom('current', 'current', 'current', 'current', 'current', 'old', 'any'),
      inDetails: fc.constantFrom(false, false, true),
      again: fc.constantFrom(false, false, false, true),
      noRoles: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('command' as const),
      who: fc.nat(20),
      typed: fc.nat(typed.length - 1),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('link' as const),
      who: fc.nat(20),
      to: fc.nat(20),
      both: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('list' as const), who: fc.nat(20) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('form' as const),
      who: fc.nat(20),
      on: fc.nat(20),
      shown: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('change' as const), on: fc.nat(20) }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('time' as const), ms: fc.constantFrom(1_000, 60_000, 3_600_000) }),
  },
);

const at = <T>(all: readonly T[], index: number): T => all[index % all.length] as T;

/** @param people who act: of these the act picks its own */
export async function perform(act: Act, rig: Rig, people: readonly Actor[]): Promise<void> {
  const { engine, asked, count } = rig;
  const type = async (actor: Actor, text: string) => {
    count.presses += 1;
    const { platform } = actor;
    const place = platform === 'slack' ? slackRoom : discordRoom;
    const ask = parseListVerb(text) ?? parseAsk(text);
    return engine.onCommand({ id: `c${count.presses}`, platform, actor, roles: [], place, ask });
  };
  switch (act.type) {
    case 'press':
      return press(act, rig, people);
    case 'command':
      return void (await type(at(people, act.who), at(typed, act.typed)));
    case 'link': {
      const [from, to] = [at(people, act.who), at(people, act.to)];
      const code = /Your code: (\S+)/.exec((await type(from, 'link')).text)?.[1] ?? 'none';
      const [yes] = (await type(to, `link ${code}`)).buttons ?? [];
      if (yes !== undefined) await type(to, yes.typed);
      const [back] = act.both ? ((await type(from, 'link')).buttons ?? []) : [];
      if (back !== undefined) await type(from, back.typed);
      return;
    }
    case 'list':
      return void (await engine.onList({
        who: { actor: at(people, act.who), roles: [] },
        query: { surface: 'message', page: 0, filter: { type: 'all' } },
      }));
    case 'form': {
      const actor = at(people, act.who);
      const { id: approvalId } = at(asked, act.on);
      if (!act.shown) return engine.onFormClosed({ approvalId, actor, form: `press-${count.presses}` });
      const buttonId = { approvalId, action: 'take_over' as const, fingerprint: '0' };
      return engine.onFormNotShown(engine.press({ actor, platform: actor.platform, buttonId }));
    }
    case 'change': {
      count.version += 1;
      const { pause } = at(asked, act.on);
      await announce(engine, { ...pause, parameters: { version: count.version } });
      return;
    }
    case 'time':
      engine.clock.advance(act.ms);
      await engine.store.release('nobody');
      return;
  }
}

async function press(
  act: Extract<Act, { type: 'press' }>,
  { engine, asked, count }: Rig,
  people: readonly Actor[],
): Promise<void> {
  const { id } = at(asked, act.on);
  const approval = await engine.store.get(id);
  const actor = at(people, act.who);
  const isShared = /several|one_by_one/.test(act.button);
  const digest = Object.values(approval?.slots ?? {}).find((slot) => slot.digest !== undefined)?.digest?.id;
  const shown = { current: approval?.fingerprint ?? '', old: 'old', any: '0' }[act.shown];
  const button: ButtonId = {
    approvalId: isShared ? (digest ?? id) : id,
    action: act.button,
    fingerprint: shown,
    ...(act.button === 'show' && { mask: 0 }),
    ...(act.inDetails && { inDetails: true as const }),
  };
  count.presses += act.again ? 0 : 1;
  const { platform } = actor;
  const form = forms[act.form] ?? null;
  await engine.onPress({
    id: `p${count.presses}`,
    platform,
    actor,
    roles: act.noRoles ? null : [],
    buttonId: button,
    form,
  });
}
