import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PolicyDocument, Schedule, Who } from '../../src/core/policy/rules/document.ts';
import type { Listed } from '../../src/core/policy/schedules/on-duty.ts';
import { ScheduleError, type ScheduleSource } from '../../src/core/policy/schedules/source.ts';
import { examine } from '../../src/doctor/run.ts';
import { scheduleGroup } from '../../src/doctor/schedules.ts';
import { createPagerDutyEmulator } from '../../src/sandbox/emulators/schedules/index.ts';
import { createPagerDuty } from '../../src/schedules/pagerduty/index.ts';
import { systemClock } from '../../src/system/clock.ts';

const mara: Who = { text: 'mara', kind: 'person', name: 'mara' };
const contacts = new Map([['mara', [{ platform: 'email', id: 'mara@example.com' }]]]);
const called = (name: string): Listed => ({ name, accounts: [{ platform: 'email', id: name }] });
const calendar: Schedule = { kind: 'ical', url: 'https://x.test/a.ics', zone: null };

async function looked(schedule: Schedule, onDuty: ScheduleSource['onDuty'] = async () => []) {
  const document: Pick<PolicyDocument, 'schedules' | 'contacts' | 'source'> = {
    schedules: new Map([['primary', schedule]]),
    contacts,
    source: 'countersign.yml',
  };
  const group = scheduleGroup([{ kind: 'ical', onDuty, stop() {} }], document, systemClock);
  const [examined] = await examine(group === null ? [] : [group], systemClock);
  return examined?.findings ?? assert.fail('nothing was looked at');
}

describe('a schedule of the policy', () => {
  test('with somebody on duty whom the policy knows is fine; without schedules there is nothing to look at', async () => {
    assert.deepEqual(await looked(calendar, async () => [called('mara@example.com')]), []);
    assert.equal(scheduleGroup([], { schedules: new Map(), source: 'x' }, systemClock), null);
  });

  test('that can’t be looked up is a fault, with its place', async () => {
    const [found] = await looked(calendar, () => Promise.reject(new ScheduleError('The calendar is not there (404).')));
    assert.equal(found?.level, 'fault');
    assert.match(found.what, /is not there \(404\)\. No one may decide by it\./);
    assert.equal(found.where, 'countersign.yml, schedule primary');
    const [unset] = await looked({ kind: 'opsgenie', id: 'x', level: null });
    assert.match(unset?.what ?? '', /opsgenie schedules are looked up with is not set/);
  });

  test('with no one on duty is a warning; with strangers only a fault', async () => {
    const [none] = await looked(calendar);
    assert.deepEqual([none?.level, /No one is on duty now/.test(none?.what ?? '')], ['warning', true]);
    const [stranger] = await looked(calendar, async () => [called('jon@example.com')]);
    assert.equal(stranger?.level, 'fault');
    assert.match(stranger?.what ?? '', /not known to the policy: jon@example\.com/);
    assert.match(stranger?.remedy ?? '', /email:mara@example\.com/);
    const [both] = await looked(calendar, async () => [called('jon@example.com'), called('mara@example.com')]);
    assert.equal(both?.level, 'warning');
  });

  test('that is a rota is looked at, too', async () => {
    const rota = { kind: 'rota', people: [mara], everyHours: 24, at: '09:00', zone: 'UTC' } as const;
    assert.deepEqual(await looked({ ...rota, from: '2020-01-01' }), []);
    const [found] = await looked({ ...rota, from: '2999-01-01' });
    assert.match(found?.what ?? '', /begins on 2999-01-01/);
  });

  test('of a service whose key is refused says which setting', async () => {
    const emulator = await createPagerDutyEmulator();
    const source = createPagerDuty({ url: emulator.url, token: 'wrong', clock: systemClock });
    const document = {
      schedules: new Map([['primary', { kind: 'pagerduty', id: 'P1', level: null } as const]]),
      source: 'x',
    };
    const group = scheduleGroup([source], document, systemClock) ?? assert.fail('there is a schedule');
    const [examined] = await examine([group], systemClock);
    assert.match(examined?.findings[0]?.what ?? '', /401.*PAGERDUTY_TOKEN/);
    source.stop();
    await emulator.close();
  });
});
