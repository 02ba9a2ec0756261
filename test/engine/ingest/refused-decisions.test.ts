/** An application's decision that was refused: what is kept of it, and what the operator reads. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { VISITOR } from '../../../src/core/approval/names.ts';
import { noMetrics } from '../../../src/core/ports/metrics.ts';
import type { Delivery } from '../../../src/core/ports/ports.ts';
import type { Alert } from '../../../src/core/view/cards/alert-card.ts';
import { refusedDecisionText } from '../../../src/engine/observe/alert-texts.ts';
import { createInstrument } from '../../../src/engine/observe/instrument.ts';
import { captureLog } from '../../support/log.ts';
import { ask, withEngine } from '../../support/worlds/engine.ts';

type Refused = Extract<Delivery, { type: 'decision_refused' }>;
const agent = { platform: 'application', id: 'k3yHash1', name: 'application' };
const refused = (more: Partial<Refused> = {}): Refused => ({
  type: 'decision_refused',
  backend: 'runtype',
  key: 'approval:appr_1',
  runId: 'exec_1',
  action: 'approve',
  actor: agent,
  ...more,
});

describe('a refused decision', () => {
  test('is in the audit log with who, what run and what verdict, and changes nothing: people decide', () =>
    withEngine(async (engine) => {
      const buttonId = await ask(engine);
      await engine.intake.deliver(refused());
      const { phase, decision, detail } = (await engine.store.get(buttonId.approvalId)) ?? {};
      assert.deepEqual([phase, decision, detail], ['open', null, null]);
      const row = (await engine.store.audit(buttonId.approvalId)).find(({ input }) => input === 'forbidden');
      assert.deepEqual(
        [row?.input, row?.actor, row?.facts, row?.ignored],
        ['forbidden', agent, { action: 'approve', run: 'exec_1' }, 'not_allowed'],
      );
      await engine.onPress(engine.press({ buttonId }));
      await engine.until(() => (engine.status(0)?.startsWith('Approved by Dana') ? true : undefined));
    }));

  test('has one row a minute, however often and under however many keys it is tried; an unknown one has none', () =>
    withEngine(async (engine) => {
      const { approvalId } = await ask(engine);
      const rows = async () =>
        (await engine.store.audit(approvalId)).filter(({ input }) => input === 'forbidden').length;
      for (let times = 0; times < 5; times += 1) await engine.intake.deliver(refused());
      assert.equal(await rows(), 1);
      await engine.intake.deliver(refused({ action: 'reject' }));
      assert.equal(await rows(), 2, 'another verdict');
      for (let index = 0; index < 300; index += 1) {
        const actor = { ...agent, id: engine.clock.hash(`made up ${index}`) };
        await engine.intake.deliver(refused({ actor }));
      }
      assert.ok((await rows()) <= 66, `${await rows()} rows`);
      engine.clock.advance(60_000);
      const until = await rows();
      await engine.intake.deliver(refused());
      assert.equal(await rows(), until + 1);
      for (const key of ['approval:unknown', null]) await engine.intake.deliver(refused({ key }));
      assert.equal(await rows(), until + 1);
    }));

  test('is alerted under one subject, whoever tries it', () => {
    const raised: Alert[] = [];
    const alerts = { raise: (alert: Alert) => void raised.push(alert), begin: () => {}, over: () => {} };
    const observe = createInstrument({
      log: captureLog().log,
      metrics: noMetrics,
      alerts,
      rooms: { isDown: () => false },
      backendTitle: () => 'Runtype',
      routeOf: () => 'none',
      onReach: () => {},
    });
    for (const id of ['one', 'two']) {
      observe({ type: 'delivery', delivery: refused({ actor: { ...agent, id } }) });
    }
    assert.deepEqual(
      raised.map(({ kind, subject }) => `${kind} ${subject}`),
      ['decision_refused runtype', 'decision_refused runtype'],
    );
    assert.match(raised[0]?.what ?? '', /^An application \(one\) tried to approve in the run exec_1 /);
  });

  test('says what is not known, and that a visitor is one', () => {
    const visitor = { ...agent, name: VISITOR };
    const { what } = refusedDecisionText({ action: null, runId: null, actor: agent }, 'Runtype');
    assert.match(what, /^An application \(k3yHash1\) sent a decision by its own call/);
    assert.match(
      refusedDecisionText({ ...refused(), actor: visitor }, 'Runtype').what,
      /\(k3yHash1\) tried to approve/,
    );
  });
});
