/** Several brands in one process. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createHookPulse } from '../../../src/backends/hookpulse/index.ts';
import type { Pause } from '../../../src/core/approval/pause/pause.ts';
import type { Backend } from '../../../src/core/ports/ports.ts';
import { createHookPulseEmulator } from '../../../src/sandbox/emulators/hookpulse/index.ts';
import type { HookPulseEmulator } from '../../../src/sandbox/emulators/hookpulse/types.ts';
import { captureLog } from '../../support/log.ts';
import { decided, RecordingIntake } from '../runtype/support/backend.ts';
import { createPacedClock, type PacedClock, watchFor } from '../shared/support.ts';
import { ACTION, never } from './support.ts';

interface World {
  hookpulse: HookPulseEmulator;
  backend: Backend;
  intake: RecordingIntake;
  clock: PacedClock;
  brands: { apiKey: string; uuid: string; name: string | null }[];
  announce(brand: number): Promise<Pause>;
}

async function withBrands(names: (string | null)[], use: (world: World) => Promise<void>) {
  const intake = new RecordingIntake();
  const clock = createPacedClock();
  const { log } = captureLog();
  const hookpulse = await createHookPulseEmulator({ now: clock.now, brands: names.length });
  const brands = hookpulse.brands.map(({ apiKey, brandUuid }, at) => ({
    apiKey,
    uuid: brandUuid,
    name: names[at] ?? null,
  }));
  const backend = createHookPulse({ url: hookpulse.url, brands, pollMs: 15_000, intake, clock, log });
  const announce = (brand: number) => {
    const { executionPlanUuid } = hookpulse.seed({ brand: brands[brand]?.uuid ?? '' });
    return watchFor(backend, intake, ({ runId }) => runId === executionPlanUuid);
  };
  try {
    await use({ hookpulse, backend, intake, clock, brands, announce });
  } finally {
    await backend.stop();
    await hookpulse.close();
  }
}

describe('brands', () => {
  test('a card names its brand, and its decision goes to that brand with its key', () =>
    withBrands(['Acme', 'Beta'], async ({ hookpulse, backend, brands, announce }) => {
      for (const [at, name] of ['Acme', 'Beta'].entries()) {
        const pause = await announce(at);
        assert.deepEqual([pause.parameters['brand'], pause.labels], [name, [name]]);
        assert.match(pause.key, /^[\da-f-]{36}:release_funds:0$/, 'keys are those of a single brand');
        assert.equal((await backend.decide([decided(pause, 'approve')], never)).result.type, 'recorded');
        const call = hookpulse.journal.entries.findLast((one) => one.kind === 'call' && one.path === ACTION);
        assert.ok(call?.kind === 'call');
        assert.equal(call.headers['x-brand-uuid'], brands[at]?.uuid);
        assert.equal(call.headers['x-hookpulse-api-key'], brands[at]?.apiKey);
      }
    }));

  test('without names they are shown by their UUIDs; a single one without a name is not shown', async () => {
    await withBrands([null, null], async ({ announce, brands }) => {
      assert.equal((await announce(1)).parameters['brand'], brands[1]?.uuid);
    });
    await withBrands([null], async ({ announce }) => assert.equal((await announce(0)).parameters['brand'], undefined));
    await withBrands(['Acme'], async ({ announce }) => assert.equal((await announce(0)).parameters['brand'], 'Acme'));
  });

  test('one that can’t be reached does not hold up the other, and its cards alone say so', () =>
    withBrands(['Acme', 'Beta'], async ({ hookpulse, backend, brands, intake, clock }) => {
      const [acme, beta] = [0, 1].map((at) => hookpulse.seed({ brand: brands[at]?.uuid ?? '' }));
      const watching = backend.watch?.(never);
      await intake.journal.until('both', () => (intake.pauses.length === 2 ? true : undefined));
      const pauseOf = (plan = acme) => intake.pauses.find(({ runId }) => runId === plan?.executionPlanUuid);
      const [ofAcme, ofBeta] = [pauseOf(acme), pauseOf(beta)];
      assert.ok(ofAcme && ofBeta);
      hookpulse.refuse(brands[1]?.uuid ?? '');
      const reach = () => intake.deliveries.findLast((one) => one.type === 'reach' && !one.reachable);
      for (let pass = 0; pass < 12 && reach() === undefined; pass += 1) await clock.pass();
      const bad = reach();
      assert.ok(bad?.type === 'reach');
      assert.match(bad.reason ?? '', /^Brand “Beta”: .*401/);
      assert.deepEqual([bad.covers?.(ofAcme), bad.covers?.(ofBeta)], [false, true]);

      hookpulse.decideInDashboard(acme?.executionPlanUuid ?? '', 'reject');
      const gone = () =>
        intake.deliveries.some(
          (one) => one.type === 'listed' && one.keys.length === 0 && one.covers?.(ofAcme) === true,
        );
      for (let pass = 0; pass < 8 && !gone(); pass += 1) await clock.pass();
      assert.ok(gone(), 'what left the list of one brand is absent');
      const lists = intake.deliveries.filter((one) => one.type === 'listed');
      for (const list of lists) {
        assert.ok(list.keys.includes(ofBeta.key) || list.covers?.(ofBeta) === false, 'and nothing of the other is');
      }
      await backend.stop();
      await watching;
    }));

  test('a row of a version that knew one brand is covered once every list was read', () =>
    withBrands(['Acme', 'Beta'], async ({ hookpulse, backend, brands, intake, clock, announce }) => {
      const pause = await announce(1);
      const { brand: _, ...wire } = pause.wire;
      const old = { ...pause, wire, runId: 'gone', key: 'gone:s:0' };
      hookpulse.seed({ brand: brands[0]?.uuid ?? '' });
      const watching = backend.watch?.(never);
      for (let pass = 0; pass < 4; pass += 1) await clock.pass();
      const lists = intake.deliveries.filter((one) => one.type === 'listed');
      assert.equal(lists[0]?.covers?.(old) && lists.length === 1, false);
      assert.equal(lists.at(-1)?.covers?.(old), true);
      await backend.stop();
      await watching;
      // A decision finds the brand that lists its plan.
      const { result } = await backend.decide([decided({ ...pause, wire }, 'reject')], never);
      assert.equal(result.type, 'recorded');
    }));

  test('of a brand that is no longer configured is refused, and says what to do', () =>
    withBrands(['Acme', 'Beta'], async ({ backend, announce }) => {
      const pause = await announce(1);
      const foreign = { ...pause, wire: { ...pause.wire, brand: 'other' } };
      const { result } = await backend.decide([decided(foreign, 'approve')], never);
      assert.ok(result.type === 'refused');
      assert.match(result.reason, /not in HOOKPULSE_BRAND_UUID\. Add it with its key/);
    }));
});
