/** One fault at a time of a schedule of the policy: each is found, and alone. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createPagerDutyEmulator, type PagerDutyEmulator } from '../../../src/sandbox/emulators/schedules/index.ts';
import { type DoctorWorld, inDoctorWorld, linesOf } from '../world.ts';
import { alsoBy, findsOnly, type Plant } from './plant.ts';

describe('a fault of a schedule is the one finding', () => {
  type Found = Pick<Plant, 'level' | 'what' | 'remedy'>;

  async function withPagerDuty(plant: (world: DoctorWorld, pagerDuty: PagerDutyEmulator) => Found): Promise<void> {
    const pagerDuty = await createPagerDutyEmulator();
    try {
      await inDoctorWorld(async (world) => {
        Object.assign(world.settings, { PAGERDUTY_TOKEN: pagerDuty.token, PAGERDUTY_API_URL: pagerDuty.url });
        pagerDuty.onCall([{ schedule: 'PPRIMARY', user: { id: 'PDANA', name: 'Dana', email: 'dana@example.com' } }]);
        const withContact = (line: string) =>
          line.startsWith('  dana: [') ? line.replace('[', '[pagerduty:PDANA, ') : line;
        world.policy = [...world.policy.map(withContact), 'schedules:', '  primary: { pagerduty: PPRIMARY }'];
        alsoBy(world, 'schedule:primary');
        world.write();
        assert.deepEqual(linesOf(await world.look()), [], 'it is sound before');
        await findsOnly(world, { name: '', check: 'schedules.on_duty', plant: () => {}, ...plant(world, pagerDuty) });
      });
    } finally {
      await pagerDuty.close();
    }
  }

  test('the key of the service is refused', () =>
    withPagerDuty(({ settings }) => {
      settings['PAGERDUTY_TOKEN'] = 'u+wrong-rest-api-key';
      return { what: /401.*PAGERDUTY_TOKEN.*No one may decide by it/, remedy: /policy/ };
    }));

  test('no one is on duty', () =>
    withPagerDuty((_, { onCall }) => {
      onCall([]);
      return { level: 'warning', what: /No one is on duty now/, remedy: /on duty/ };
    }));

  test('the policy does not know who is on duty', () =>
    withPagerDuty((_, { onCall }) => {
      onCall([{ schedule: 'PPRIMARY', user: { id: 'PJON', name: 'Jon Miller', email: 'jon@example.com' } }]);
      return { what: /not known to the policy: Jon Miller/, remedy: /under people/ };
    }));
});
