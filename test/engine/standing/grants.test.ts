/** Standing answers of people: given from a settled card, used, ended. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Actor } from '../../../src/core/approval/parts/decision.ts';
import type { Pause } from '../../../src/core/approval/pause/pause.ts';
import type { PolicyDocument, Rule } from '../../../src/core/policy/rules/document.ts';
import type { Delivery, PressAnswer } from '../../../src/core/ports/ports.ts';
import { spanText } from '../../../src/core/view/line-text.ts';
import { dana, pauseOf, sam } from '../../support/data/pauses.ts';
import { accountsOf, documentOf, ruleOf, verbOf, who } from '../../support/data/policies.ts';
import { createTestEngine, type Engine, type EngineOptions } from '../../support/worlds/engine.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-grants-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const MINUTE = 60_000;
const people = accountsOf({ dana: [`slack:${dana.id}`], sam: [`discord:${sam.id}`] });
const grant = { after: 3, forMs: 30 * MINUTE, uses: 5, vary: ['params.note'] };
const reads = ruleOf({ name: 'reads', verbs: verbOf(['dana', 'sam']), grant });

/** `rule`: of all requests. */
type Options = { rule?: Partial<Rule>; document?: Partial<PolicyDocument> } & Omit<EngineOptions, 'document'>;

async function withGrants(use: (engine: Engine) => Promise<void>, { rule, document, ...more }: Options = {}) {
  const engine = createTestEngine({
    document: documentOf({ people, rules: [{ ...reads, ...rule }], requesters: ['runtype'], ...document }),
    ...more,
  });
  try {
    await engine.recover();
    engine.outbox.start();
    await use(engine);
  } finally {
    await engine.stop();
  }
}

let count = 0;
const parameters = { orderId: 'A-1', amount: 20, note: 'first' };

async function ask({ intake, store, clock }: Engine, more: Partial<Pause> = {}) {
  count += 1;
  const key = `k${count}`;
  const pause = pauseOf({ key, groupId: key, runId: `r${count}`, tool: 'get_order', parameters, ...more });
  const delivery: Delivery = { type: 'announced', pause, via: 'stream', streamOpen: false, inputId: null };
  await intake.deliver(delivery);
  const approval = await store.get(clock.hash(`${pause.backend}\n${key}`));
  assert.ok(approval !== null);
  return approval;
}

/** Asks, and a person approves it. @returns the id of the settled approval */
async function approved(engine: Engine, more: Partial<Pause> = {}, actor: Actor = dana): Promise<string> {
  const { id, fingerprint } = await ask(engine, more);
  const answer = await press(engine, id, 'approve', { fingerprint, actor });
  assert.equal(answer.type, 'accepted');
  await shows(engine, id, 'Approved by');
  return id;
}

async function press(
  engine: Engine,
  approvalId: string,
  action: 'approve' | 'grant' | 'end_grant',
  { actor = dana, form = null, roles = [], ...more }: PressOptions = {},
): Promise<PressAnswer> {
  const fingerprint = more.fingerprint ?? (await engine.store.get(approvalId))?.fingerprint ?? '';
  const { platform } = actor;
  return engine.onPress(engine.press({ buttonId: { approvalId, action, fingerprint }, actor, platform, form, roles }));
}

interface PressOptions {
  actor?: Actor;
  form?: { confirm: string[] } | null;
  roles?: string[];
  fingerprint?: string;
}

/** The newest version of its card. */
const cardOf = ({ messages }: Engine, id: string) => messages.find(({ key }) => key.startsWith(id))?.cards.at(-1);
const statusOf = (engine: Engine, id: string) => cardOf(engine, id)?.status.map(spanText).join('') ?? '';
const saidOf = (engine: Engine, id: string) =>
  (cardOf(engine, id)?.consequences ?? []).map((line) => line.map(spanText).join('')).join(' ');
const buttonsOf = (engine: Engine, id: string) => cardOf(engine, id)?.buttons.map(({ action }) => action) ?? [];
const shows = (engine: Engine, id: string, text: string) =>
  engine.until(() => (`${statusOf(engine, id)} ${saidOf(engine, id)}`.includes(text) ? true : undefined));
const yes = { confirm: ['0'] };

/** Three approvals, and the standing answer from the third. @returns its approval */
async function given(engine: Engine, actor: Actor = dana): Promise<string> {
  await approved(engine);
  await approved(engine, { parameters: { ...parameters, note: 'second' } });
  const id = await approved(engine, { parameters: { ...parameters, note: 'third' } });
  const answer = await press(engine, id, 'grant', { form: yes, actor });
  assert.equal(answer.type, 'notified', JSON.stringify(answer));
  await shows(engine, id, 'allows the same until');
  return id;
}

const list = async (engine: Engine, typed: string | null = null, actor: Actor = dana) => {
  count += 1;
  const { platform } = actor;
  const place = { platform, room: 'C0' };
  const ask = { verb: 'standing', end: typed } as const;
  return engine.onCommand({ id: `c${count}`, platform, actor, roles: [], place, ask });
};

describe('a standing answer', () => {
  test('is offered from the third similar approval on, asks for a yes, and says what is allowed', () =>
    withGrants(async (engine) => {
      const first = await approved(engine);
      const second = await approved(engine);
      const third = await approved(engine);
      const offered = [first, second, third].map((id) => buttonsOf(engine, id).includes('grant'));
      assert.deepEqual(offered, [false, false, true]);
      const opened = await press(engine, third, 'grant');
      assert.ok(opened.type === 'form', opened.type);
      assert.match(
        opened.form.about,
        /^For 30 minutes, at most 5 times, “Get order” is approved without a person when “Order desk” asks for it with these values; note may differ\./,
      );
      const empty = await press(engine, third, 'grant', { form: { confirm: [] } });
      assert.equal(empty.type, 'invalid');
      assert.equal(engine.standing.grants.all().size, 0);
    }));

  test('decides what is the same, each time in the commit of the announcement, as often as allowed', () =>
    withGrants(async (engine) => {
      const from = await given(engine);
      for (const use of [1, 2, 3, 4, 5]) {
        const { id, decision } = await ask(engine, { parameters: { ...parameters, note: `use ${use}` } });
        assert.deepEqual(decision?.standing, { by: { ...dana, person: 'dana' }, use, of: 5 });
        await shows(engine, id, `Approved by Dana Reyes’s standing answer, ${use} of 5.`);
        await shows(engine, from, `${use} of 5 used`);
        const rows = (await engine.store.audit(id)).map(({ input, actor, facts }) => [input, actor?.id, facts['use']]);
        assert.deepEqual(rows.slice(0, 2), [
          ['announced', undefined, undefined],
          ['stood', `grant:${from}`, use],
        ]);
      }
      assert.equal((await ask(engine)).phase, 'open');
      assert.match(saidOf(engine, from), /has ended: it was used up, 5 of 5 used\./);
      assert.equal(engine.calls.length, 8);
    }));

  const others: [string, Partial<Pause>][] = [
    ['another value', { parameters: { ...parameters, amount: 21 } }],
    ['another tool', { tool: 'get_orders' }],
    ['another asker', { askerId: 'agent_other' }],
    ['another agent without an id', { asker: 'Another agent' }],
    ['another backend', { backend: 'hookpulse' }],
    ['another requester', { requester: 'sam' }],
    ['another customer', { contact: { name: 'Ida', id: 'c9' } }],
    ['another description', { description: 'Deletes the order.' }],
    ['what can’t be shown', { unshowable: { why: 'size', bytes: 9, hash: 'h' } }],
    ['hidden parameters', { hidden: ['token'] }],
    ['a repeated key', { repeated: ['amount'] }],
    ['a caution', { cautions: ['Placeholders are filled in later.'] }],
    ['what its backend does not explain', { unknownCall: true }],
    ['an answer', { kind: 'await', actions: ['take_over'] }],
    ['a missing argument', { parameters: { orderId: 'A-1', amount: 20 } }],
    ['one argument more', { parameters: { ...parameters, force: true } }],
    ['a note of another type', { parameters: { ...parameters, note: { text: 'x' } } }],
    ['a value in another spelling', { parameters: { ...parameters, orderId: 'a-1' } }],
  ];
  test('decides nothing else', () =>
    withGrants(async (engine) => {
      const from = await given(engine);
      for (const [what, more] of others) {
        assert.equal((await ask(engine, more)).phase, 'open', what);
        const kept = engine.standing.grants.all().get(from);
        if (kept === undefined)
          assert.equal((await press(engine, from, 'grant', { form: yes })).type, 'notified', what);
      }
      assert.equal((await ask(engine)).phase, 'decided');
    }));

  test('of a Slack account is not one of an agent that signed ingest announces', () =>
    withGrants(async (engine) => {
      await given(engine);
      const pause = pauseOf({ key: 'i1', groupId: 'i1', runId: 'i1', tool: 'get_order', parameters });
      await engine.intake.deliver({ type: 'announced', pause, via: 'ingest', streamOpen: false, inputId: 'i1' });
      assert.equal((await engine.store.get(engine.idOf('i1')))?.phase, 'open');
    }));

  test('decides nothing that was asked before it was given, or asked again', () =>
    withGrants(async (engine) => {
      await approved(engine);
      await approved(engine);
      const waiting = await ask(engine);
      const from = await approved(engine);
      await press(engine, from, 'grant', { form: yes });
      const { pause } = waiting;
      await engine.intake.deliver({ type: 'announced', pause, via: 'stream', streamOpen: false, inputId: null });
      assert.equal((await engine.store.get(waiting.id))?.phase, 'open');
      const other = await ask(engine, { parameters: { ...parameters, amount: 21 } });
      const changed = { ...other.pause, parameters };
      await engine.intake.deliver({
        type: 'announced',
        pause: changed,
        via: 'stream',
        streamOpen: false,
        inputId: null,
      });
      const { phase, pause: shown } = (await engine.store.get(other.id)) ?? {};
      assert.deepEqual([phase, shown?.parameters], ['open', parameters]);
    }));

  test('ends with its time', () =>
    withGrants(async (engine) => {
      const from = await given(engine);
      engine.clock.advance(30 * MINUTE - 1);
      assert.equal((await ask(engine)).phase, 'decided');
      engine.clock.advance(1);
      assert.equal((await ask(engine)).phase, 'open');
      await engine.standing.grants.review();
      assert.equal(engine.standing.grants.all().has(from), false);
    }));

  test('ends with its time and the right of its person also where no request comes', async () => {
    const duty = { on: true };
    const rota = { kind: 'rota' as const, people: [who('dana')], everyMs: 1, from: 0, at: 0, zone: 'UTC' };
    await withGrants(
      async (engine) => {
        engine.standing.start();
        const first = await given(engine);
        engine.clock.advance(31 * MINUTE);
        await engine.until(() => !buttonsOf(engine, first).includes('end_grant') || undefined);
        const second = await given(engine);
        duty.on = false;
        engine.clock.advance(MINUTE);
        await engine.until(() => !buttonsOf(engine, second).includes('end_grant') || undefined);
        const ends = (await engine.store.audit('policy')).flatMap(({ facts }) => facts['why'] ?? []);
        assert.deepEqual(ends, ['time', 'rights']);
        await engine.standing.stop();
      },
      {
        rule: { verbs: verbOf(['schedule:primary', 'sam']) },
        document: { schedules: new Map([['primary', rota as never]]) },
        onDuty: () => ({ type: 'known', who: duty.on ? [who('dana')] : [] }) as never,
      },
    );
  });

  test('ends with another version of the file, also one that comes while the bot is down', async () => {
    const file = join(folder, 'policy.db');
    const other = documentOf({ people, rules: [reads], version: 'v2' });
    await withGrants(
      async (engine) => {
        await given(engine);
        await engine.setPolicy({ ...other, version: 'v3' });
        assert.equal(engine.standing.grants.all().size, 0);
        assert.equal((await ask(engine)).phase, 'open');
        await engine.setPolicy(documentOf({ people, rules: [reads] }));
        await given(engine);
      },
      { file },
    );
    await withGrants(
      async (engine) => {
        assert.equal(engine.standing.grants.all().size, 0);
        assert.equal((await ask(engine)).phase, 'open');
      },
      { file, document: { version: 'v2' } },
    );
  });

  test('survives a restart with what was used', async () => {
    const file = join(folder, 'restart.db');
    await withGrants(
      async (engine) => {
        await given(engine);
        await ask(engine);
      },
      { file },
    );
    await withGrants(
      async (engine) => {
        assert.equal((await ask(engine)).decision?.standing?.use, 2);
      },
      { file },
    );
  });

  test('decides nothing on a copy of the database, whose original may use it, too', async () => {
    const file = join(folder, 'original.db');
    const copy = join(folder, 'copy.db');
    await withGrants(async (engine) => void (await given(engine)), { file });
    copyFileSync(file, copy);
    await withGrants(
      async (engine) => {
        assert.equal((await ask(engine)).phase, 'open');
        const [last] = (await engine.store.audit('policy')).slice(-1);
        assert.deepEqual([last?.input, last?.facts['why']], ['grant_ended', 'copy']);
      },
      { file: copy },
    );
    await withGrants(async (engine) => assert.equal((await ask(engine)).phase, 'decided'), { file });
  });

  test('decides nothing on a copy of the database either that is announced while it starts', async () => {
    const file = join(folder, 'announced.db');
    const copy = join(folder, 'announced-copy.db');
    await withGrants(async (engine) => void (await given(engine)), { file });
    copyFileSync(file, copy);
    const asked: ReturnType<typeof ask>[] = [];
    const started: Engine[] = [];
    const reconcile = () => {
      asked.push(...started.map((engine) => ask(engine)));
      return [];
    };
    const document = documentOf({ people, rules: [reads], requesters: ['runtype'] });
    const engine = createTestEngine({ document, file: copy, reconcile });
    started.push(engine);
    try {
      await engine.recover();
      assert.equal((await asked[0])?.phase, 'open');
      assert.equal(engine.standing.grants.all().size, 0);
    } finally {
      await engine.stop();
    }
  });

  test('ends with the right of its person, who is looked up at each use', async () => {
    const duty = { on: true };
    const rota = { kind: 'rota' as const, people: [who('dana')], everyMs: 1, from: 0, at: 0, zone: 'UTC' };
    await withGrants(
      async (engine) => {
        const from = await given(engine);
        assert.equal((await ask(engine)).phase, 'decided');
        duty.on = false;
        assert.equal((await ask(engine)).phase, 'open');
        assert.equal(engine.standing.grants.all().has(from), false);
        await shows(engine, from, 'Approved by');
        duty.on = true;
        assert.equal((await ask(engine)).phase, 'open');
      },
      {
        rule: { verbs: verbOf(['schedule:primary', 'sam']) },
        document: { schedules: new Map([['primary', rota as never]]) },
        onDuty: () => ({ type: 'known', who: duty.on ? [who('dana')] : [] }) as never,
      },
    );
  });

  test('is not given by a person without the right to approve, and this is recorded once', () =>
    withGrants(async (engine) => {
      for (let at = 0; at < 3; at += 1) await approved(engine);
      const id = await approved(engine);
      const stranger = { ...dana, id: 'U0STRANGER', name: 'Stranger' };
      for (const form of [null, yes, yes]) {
        const answer = await press(engine, id, 'grant', { actor: stranger, form });
        assert.match(answer.type === 'refused' ? answer.text : answer.type, /not one of its reviewers/);
      }
      assert.equal(engine.standing.grants.all().size, 0);
      await ask(engine);
      const rows = (await engine.store.audit(id)).filter(({ input }) => input === 'granted');
      assert.deepEqual(
        rows.map(({ ignored, actor }) => [ignored, actor?.id]),
        [['not_allowed', 'U0STRANGER']],
      );
    }));

  test('is not given by a right that only a press shows', () =>
    withGrants(
      async (engine) => {
        const role = ['R1'];
        for (let at = 0; at < 3; at += 1) {
          const { id, fingerprint } = await ask(engine);
          await press(engine, id, 'approve', { fingerprint, actor: sam, roles: role });
          await shows(engine, id, 'Approved by');
        }
        const { id, fingerprint } = await ask(engine);
        await press(engine, id, 'approve', { fingerprint, actor: sam, roles: role });
        await shows(engine, id, 'Approved by');
        const answer = await press(engine, id, 'grant', { actor: sam, roles: role, form: yes });
        assert.match(answer.type === 'refused' ? answer.text : '', /it comes from a role/);
      },
      { rule: { verbs: verbOf(['discord:role:R1']) } },
    ));

  const never: [string, Options][] = [
    ['takes two people', { rule: { verbs: verbOf(['dana', 'sam'], { count: 2 }) } }],
    ['takes one of each', { rule: { verbs: verbOf(['dana', 'sam'], { each: 1 }) } }],
    ['asks twice', { rule: { verbs: verbOf(['dana', 'sam'], { confirm: true }) } }],
    ['is dangerous', { document: { confirm: ['get_*'] } }],
    ['takes a note', { rule: { verbs: verbOf(['dana', 'sam'], { note: 'required' }) } }],
    ['no rule lets vary', { rule: { grant: null } }],
  ];
  for (const [what, options] of never)
    test(`is never given for what ${what}`, () =>
      withGrants(async (engine) => {
        const ids: string[] = [];
        for (let at = 0; at < 4; at += 1) {
          const { id, fingerprint } = await ask(engine);
          ids.push(id);
          const form = { confirm: ['0'], text: 'checked' };
          for (const actor of [dana, sam]) await press(engine, id, 'approve', { fingerprint, actor, form });
          await shows(engine, id, 'Approved by');
        }
        for (const id of ids) {
          assert.deepEqual(buttonsOf(engine, id), ['details']);
          assert.equal((await press(engine, id, 'grant', { form: yes })).type, 'refused');
        }
        assert.equal(engine.standing.grants.all().size, 0);
      }, options));

  test('does not cover what its own person asked for', () =>
    withGrants(
      async (engine) => {
        for (let at = 0; at < 3; at += 1) await approved(engine, { requester: 'sam' });
        const from = await approved(engine, { requester: 'sam' });
        const answer = await press(engine, from, 'grant', { actor: sam, form: yes });
        assert.equal(answer.type, 'refused');
        assert.equal((await press(engine, from, 'grant', { form: yes })).type, 'notified');
        assert.equal((await ask(engine, { requester: 'sam' })).phase, 'decided');
        assert.equal((await ask(engine, { requester: 'dana' })).phase, 'open');
      },
      { rule: { verbs: verbOf(['dana', 'sam'], { notRequester: true }) } },
    ));

  test('is not counted from approvals without a person, and stops with everything', () =>
    withGrants(async (engine) => {
      const from = await given(engine);
      await engine.stopSwitch.stop(dana, null);
      assert.equal((await ask(engine)).phase, 'open');
      const answer = await press(engine, from, 'end_grant');
      assert.equal(answer.type, 'notified');
      assert.match(JSON.stringify(await press(engine, from, 'grant', { form: yes })), /is stopped/);
    }));

  test('is one for each sort of request, whoever presses, and the second press of its person says the same', () =>
    withGrants(async (engine) => {
      await approved(engine);
      await approved(engine);
      const [first, second] = [await approved(engine), await approved(engine)];
      const both = await Promise.all([
        press(engine, first, 'grant', { form: yes }),
        press(engine, second, 'grant', { form: yes, actor: sam }),
      ]);
      assert.deepEqual(both.map(({ type }) => type).sort(), ['notified', 'refused']);
      assert.equal(engine.standing.grants.all().size, 1);
      const [grant] = [...engine.standing.grants.all().values()];
      const again = await press(engine, grant?.from ?? '', 'grant', { form: yes, actor: grant?.by ?? dana });
      assert.equal(again.type, 'notified');
      assert.equal(engine.standing.grants.all().size, 1);
    }));

  test('decides nothing that a person rejected, also where the rejection did not arrive', () =>
    withGrants(async (engine) => {
      await approved(engine);
      await approved(engine);
      const from = await approved(engine);
      const rejected = await ask(engine);
      engine.answers.push({ result: { type: 'refused', reason: 'HTTP 500' } });
      await engine.onPress(
        engine.press({ buttonId: { approvalId: rejected.id, action: 'reject', fingerprint: rejected.fingerprint } }),
      );
      await shows(engine, rejected.id, 'HTTP 500');
      await press(engine, from, 'grant', { form: yes });
      const pause = { ...rejected.pause, groupId: 'another stream' };
      await engine.intake.deliver({ type: 'announced', pause, via: 'stream', streamOpen: false, inputId: null });
      const { phase, decision } = (await engine.store.get(rejected.id)) ?? {};
      assert.deepEqual([phase, decision], ['open', null]);
    }));

  test('ends with an open request that changes to other arguments', () =>
    withGrants(async (engine) => {
      const from = await given(engine);
      const other = await ask(engine, { parameters: { ...parameters, amount: 21 } });
      const pause = { ...other.pause, parameters: { ...parameters, force: true } };
      await engine.intake.deliver({ type: 'announced', pause, via: 'stream', streamOpen: false, inputId: null });
      assert.equal(engine.standing.grants.all().has(from), false);
    }));

  test('ends with other arguments of which some are masked', () =>
    withGrants(async (engine) => {
      const from = await given(engine);
      await ask(engine, { parameters: { ...parameters, force: true, note: 'with ••••••' } });
      assert.equal(engine.standing.grants.all().has(from), false);
    }));

  test('ends with a repeated argument', () =>
    withGrants(async (engine) => {
      const from = await given(engine);
      await ask(engine, { parameters: { ...parameters, force: true }, repeated: ['force'] });
      assert.equal(engine.standing.grants.all().has(from), false);
    }));

  test('is not given again by a press that is delivered again', () =>
    withGrants(async (engine) => {
      await approved(engine);
      await approved(engine);
      const from = await approved(engine);
      const { fingerprint = '' } = (await engine.store.get(from)) ?? {};
      const pressed = engine.press({ buttonId: { approvalId: from, action: 'grant', fingerprint }, form: yes });
      assert.equal((await engine.onPress(pressed)).type, 'notified');
      await press(engine, from, 'end_grant');
      await engine.onPress(pressed);
      assert.equal(engine.standing.grants.all().size, 0);
      assert.equal((await ask(engine)).phase, 'open');
    }));

  test('that is over is not said to be ended by the person who presses', () =>
    withGrants(async (engine) => {
      const from = await given(engine);
      engine.clock.advance(31 * MINUTE);
      const answer = await press(engine, from, 'end_grant');
      assert.match(answer.type === 'refused' ? answer.text : '', /has ended already/);
      const [last] = (await engine.store.audit('policy')).slice(-1);
      assert.deepEqual([last?.input, last?.facts['why']], ['grant_ended', 'time']);
    }));
});

describe('/approvals standing', () => {
  test('lists what a person gave or may end, and ends it', () =>
    withGrants(async (engine) => {
      const from = await given(engine);
      const { text, buttons = [] } = await list(engine);
      assert.match(text, /1\. “Get order” for “Order desk” .*: by Dana Reyes, 0 of 5 used, until 2026-/);
      assert.deepEqual(buttons, [{ label: 'End 1', typed: `standing end ${from}` }]);
      const stranger = { ...dana, id: 'U0STRANGER', name: 'Stranger' };
      assert.match((await list(engine, from, stranger)).text, /No standing answer of yours is in force/);
      assert.equal(engine.standing.grants.all().size, 1);
      // Sam may approve such a request, so that he may end it, too.
      const ended = await list(engine, from, sam);
      assert.match(ended.text, /^The standing answer of Dana Reyes has ended: 0 of 5 used\./);
      assert.equal((await ask(engine)).phase, 'open');
      const rows = (await engine.store.audit('policy')).map(({ input, actor }) => [input, actor?.name]);
      assert.deepEqual(rows, [
        ['grant_given', dana.name],
        ['grant_ended', sam.name],
      ]);
    }));

  test('ends a use that comes at the same time before it, or after it, and never in part', () =>
    withGrants(async (engine) => {
      const from = await given(engine);
      const [answer, asked] = await Promise.all([press(engine, from, 'end_grant'), ask(engine)]);
      assert.equal(answer.type, 'notified');
      assert.ok(asked.phase === 'open' || asked.decision?.standing?.use === 1);
      assert.equal((await ask(engine)).phase, 'open');
      assert.equal(engine.standing.grants.all().size, 0);
    }));

  test('tells those who come too late', () =>
    withGrants(async (engine) => {
      const from = await given(engine);
      await list(engine, 'all');
      const answer = await press(engine, from, 'end_grant');
      assert.match(answer.type === 'refused' ? answer.text : '', /has ended already/);
    }));
});
