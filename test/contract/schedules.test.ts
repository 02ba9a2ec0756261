/** What every source of schedules must do, over real HTTP against its emulator; then what each does in its own way. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type ListedSchedule, ScheduleError, type ScheduleSource } from '../../src/core/policy/schedules/source.ts';
import {
  type CalendarEmulator,
  createCalendarEmulator,
  createOpsgenieEmulator,
  createPagerDutyEmulator,
  type OpsgenieEmulator,
  type PagerDutyEmulator,
} from '../../src/sandbox/emulators/schedules/index.ts';
import type { ScheduleServer } from '../../src/sandbox/emulators/schedules/server.ts';
import { createIcal } from '../../src/schedules/ical/index.ts';
import { createOpsgenie } from '../../src/schedules/opsgenie/index.ts';
import { createPagerDuty } from '../../src/schedules/pagerduty/index.ts';
import { systemClock as clock } from '../../src/system/clock.ts';

const signal = new AbortController().signal;
const LIMIT_MS = 200;
const timeouts = { connectMs: LIMIT_MS, headersMs: LIMIT_MS, bodyMs: LIMIT_MS };
const mara = { id: 'PMARA', name: 'Mara Fischer', email: 'mara@example.com' };
const jon = { id: 'PJON', name: 'Jon Miller', email: 'jon@example.com' };
const allDay = (title: string, ...more: string[]) => [
  'BEGIN:VEVENT',
  `UID:${title}`,
  `SUMMARY:${title}`,
  'DTSTART;VALUE=DATE:20200101',
  'RRULE:FREQ=DAILY',
  ...more,
  'END:VEVENT',
];

interface World {
  emulator: ScheduleServer;
  source: ScheduleSource;
  schedule: ListedSchedule;
  /** Mara is on duty, or no one. */
  onDuty(isAnyone: boolean): void;
  /** What the wire gives as the name of Mara. */
  name: string;
}

const idle = () => Promise.resolve();
let calendar: CalendarEmulator;
let pagerDuty: PagerDutyEmulator;
let opsgenie: OpsgenieEmulator;
const worlds: Record<'ical' | 'pagerduty' | 'opsgenie', () => World> = {
  ical: () => ({
    emulator: calendar,
    source: createIcal({ clock, allowLoopback: true, timeouts: { ...timeouts, resolveMs: LIMIT_MS } }),
    schedule: { kind: 'ical', url: calendar.address, zone: null },
    onDuty: (isAnyone) => calendar.publish(...(isAnyone ? allDay('On call', `ATTENDEE:mailto:${mara.email}`) : [])),
    name: mara.email,
  }),
  pagerduty: () => ({
    emulator: pagerDuty,
    source: createPagerDuty({ url: pagerDuty.url, token: pagerDuty.token, clock, timeouts }),
    schedule: { kind: 'pagerduty', id: 'PABC123', level: null },
    onDuty: (isAnyone) => pagerDuty.onCall(isAnyone ? [{ schedule: 'PABC123', user: mara }] : []),
    name: mara.name,
  }),
  opsgenie: () => ({
    emulator: opsgenie,
    source: createOpsgenie({ url: opsgenie.url, token: opsgenie.token, clock, timeouts }),
    schedule: { kind: 'opsgenie', id: 'b4a1', level: null },
    onDuty: (isAnyone) => opsgenie.schedule('b4a1', isAnyone ? [{ ...mara, name: mara.email, type: 'user' }] : []),
    name: mara.email,
  }),
};

before(async () => {
  calendar = await createCalendarEmulator();
  pagerDuty = await createPagerDutyEmulator();
  opsgenie = await createOpsgenieEmulator();
});
after(() => Promise.all([calendar.close(), pagerDuty.close(), opsgenie.close()]).then(idle));

async function failureOf(work: Promise<unknown>): Promise<ScheduleError> {
  try {
    await work;
  } catch (thrown) {
    assert.ok(thrown instanceof ScheduleError, String(thrown));
    assert.match(thrown.message, /^[A-Z].*\.$/s);
    return thrown;
  }
  return assert.fail('it did not fail');
}

for (const [kind, create] of Object.entries(worlds)) {
  describe(kind, () => {
    let world: World;
    beforeEach(() => {
      world = create();
      world.emulator.heal();
      world.emulator.limit(null);
      world.onDuty(true);
    });
    const lookUp = () => world.source.onDuty(world.schedule, signal);
    const names = async () => (await lookUp()).map(({ name }) => name);

    test('says who is on duty, each time anew', async () => {
      assert.deepEqual(await names(), [world.name]);
      world.onDuty(false);
      assert.deepEqual(await names(), []);
      world.onDuty(true);
      assert.deepEqual(await names(), [world.name]);
    });

    test('gives the e-mail address, by which `people` names somebody', async () => {
      const [one] = await lookUp();
      assert.ok(one?.accounts.some(({ platform, id }) => platform === 'email' && id === mara.email));
    });

    test('fails where the service fails, and says how', async () => {
      const { emulator } = world;
      for (const status of [400, 401, 403, 404, 500, 503]) {
        emulator.fail('*', { kind: 'status', status, when: 'before', body: { error: { message: 'Because' } } });
        assert.match((await failureOf(lookUp())).message, new RegExp(String(status)));
      }
      emulator.fail('*', { kind: 'bad_gateway', when: 'before' });
      assert.match((await failureOf(lookUp())).message, /502/);
      emulator.fail('*', { kind: 'reset', when: 'before' }, 2);
      await failureOf(lookUp());
      emulator.heal();
      emulator.fail('*', { kind: 'hang', when: 'before' });
      assert.match((await failureOf(lookUp())).message, /no answer within/);
    });

    test('fails where the answer is something else', async () => {
      for (const body of [
        {},
        [],
        { oncalls: [{}], data: { onCallRecipients: [1] } },
        { oncalls: {} },
        '<html></html>',
      ]) {
        world.emulator.fail('*', { kind: 'status', status: 200, when: 'before', body });
        await failureOf(lookUp());
      }
    });

    test('says how long a service that limits calls asks to wait', async () => {
      await lookUp();
      world.emulator.limit(1);
      const { retryAfterMs } = await failureOf(lookUp());
      assert.ok(retryAfterMs !== null && retryAfterMs > 0 && retryAfterMs <= 60_000, String(retryAfterMs));
    });

    test('never repeats the secret that it uses', async () => {
      const secrets = [pagerDuty.token, opsgenie.token, 'private-0123456789abcdef'];
      for (const status of [401, 404, 500]) {
        world.emulator.fail('*', { kind: 'status', status, when: 'before' });
        const { message } = await failureOf(lookUp());
        assert.ok(!secrets.some((secret) => message.includes(secret)), message);
      }
    });
  });
}

describe('PagerDuty', () => {
  const source = () => createPagerDuty({ url: pagerDuty.url, token: pagerDuty.token, clock, timeouts });
  const onDuty = (level: number | null) => source().onDuty({ kind: 'pagerduty', id: 'PABC123', level }, signal);
  const names = async (level: number | null) => (await onDuty(level)).map(({ name }) => name);
  beforeEach(() => pagerDuty.limit(null));

  test('a level is that of the escalation', async () => {
    pagerDuty.onCall([
      { schedule: 'PABC123', user: mara, level: 1 },
      { schedule: 'PABC123', user: jon, level: 2 },
      { schedule: 'POTHER', user: { ...jon, name: 'Other' } },
    ]);
    assert.deepEqual(await names(1), [mara.name]);
    assert.deepEqual(await names(2), [jon.name]);
    assert.deepEqual(await names(3), []);
    assert.deepEqual(await names(null), [mara.name, jon.name]);
  });

  test('reads every page', async () => {
    const user = (at: number) => ({ id: `P${at}`, name: `User ${at}`, email: `u${at}@example.com` });
    pagerDuty.onCall(Array.from({ length: 230 }, (_, at) => ({ schedule: 'PABC123', user: user(at) })));
    assert.equal((await names(null)).length, 230);
  });

  test('leaves out those whose time has not begun, or is over', async () => {
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    pagerDuty.onCall([
      { schedule: 'PABC123', user: mara, start: at(-3_600_000), end: at(3_600_000) },
      { schedule: 'PABC123', user: jon, start: at(3_600_000), end: at(7_200_000) },
      { schedule: 'PABC123', user: { ...jon, name: 'Past' }, start: at(-7_200_000), end: at(-3_600_000) },
    ]);
    assert.deepEqual(await names(null), [mara.name]);
  });

  test('knows a user without an e-mail address by the ID', async () => {
    const user = { id: 'PMARA', type: 'user_reference', summary: 'Mara' };
    const body = { oncalls: [{ user, escalation_level: 1, start: null, end: null }], more: false };
    pagerDuty.fail('/oncalls', { kind: 'status', status: 200, when: 'before', body });
    assert.deepEqual(await onDuty(1), [{ name: 'Mara', accounts: [{ platform: 'pagerduty', id: 'PMARA' }] }]);
  });

  test('asks as its reference says', async () => {
    await onDuty(null);
    const call = pagerDuty.journal.entries.at(-1);
    assert.equal(call?.headers['accept'], 'application/vnd.pagerduty+json;version=2');
    assert.deepEqual(call?.query['schedule_ids[]'], ['PABC123']);
    assert.deepEqual(call?.query['include[]'], ['users']);
  });

  test('with a wrong token says which setting to check', async () => {
    const wrong = createPagerDuty({ url: pagerDuty.url, token: 'wrong-token', clock, timeouts });
    const { message } = await failureOf(wrong.onDuty({ kind: 'pagerduty', id: 'P', level: null }, signal));
    assert.match(message, /401.*PAGERDUTY_TOKEN/s);
  });
});

describe('Opsgenie', () => {
  const source = () => createOpsgenie({ url: opsgenie.url, token: opsgenie.token, clock, timeouts });
  const names = async (level: number | null, id = 'b4a1') =>
    (await source().onDuty({ kind: 'opsgenie', id, level }, signal)).map(({ name }) => name);
  const user = (name: string, escalationTime?: number) =>
    ({
      id: `id-${name}`,
      name: `${name}@example.com`,
      type: 'user',
      ...(escalationTime !== undefined && { escalationTime }),
    }) as const;
  beforeEach(() => opsgenie.limit(null));

  test('levels are the times of an escalation, and a team is its people', async () => {
    opsgenie.schedule('b4a1', [
      { id: 't', name: 'Team', type: 'team', onCallParticipants: [user('mara')] },
      {
        id: 'e',
        name: 'Escalation',
        type: 'escalation',
        onCallParticipants: [user('jon', 0), user('ana', 10), user('ben', 30)],
      },
    ]);
    assert.deepEqual(await names(1), ['mara@example.com', 'jon@example.com']);
    assert.deepEqual(await names(2), ['ana@example.com']);
    assert.deepEqual(await names(3), ['ben@example.com']);
    assert.deepEqual(await names(4), []);
    assert.equal((await names(null)).length, 4);
  });

  test('a disabled schedule has no one on call', async () => {
    opsgenie.schedule('b4a1', [user('mara')], { enabled: false });
    assert.deepEqual(await names(null), []);
    assert.deepEqual(await names(1), []);
  });

  test('a schedule that the key may not read, or that is not there, is a failure', async () => {
    opsgenie.schedule('closed', [user('mara')], { open: false });
    assert.match((await failureOf(names(null, 'closed'))).message, /403/);
    assert.match((await failureOf(names(null, 'no/such schedule'))).message, /404/);
  });
});

describe('a calendar', () => {
  const create = (options: Partial<Parameters<typeof createIcal>[0]> = {}) =>
    createIcal({ clock, allowLoopback: true, timeouts, ...options });
  const lookUp = (url: string, source = create()) => source.onDuty({ kind: 'ical', url, zone: null }, signal);
  beforeEach(() => {
    calendar.heal();
    calendar.limit(null);
  });

  test('is sent and read again only after a change', async () => {
    calendar.publish(...allDay('Mara'));
    const source = create();
    const before = calendar.journal.entries.length;
    for (let count = 0; count < 3; count += 1) assert.equal((await lookUp(calendar.address, source))[0]?.name, 'Mara');
    assert.deepEqual(
      calendar.journal.entries.slice(before).map(({ status }) => status),
      [200, 304, 304],
    );
  });

  test('may have moved', async () => {
    calendar.publish(...allDay('Mara'));
    assert.equal((await lookUp(calendar.moved))[0]?.name, 'Mara');
  });

  test('that redirects in a circle, or to another scheme, is a failure', async () => {
    const redirect = (location: string) =>
      ({ kind: 'status', status: 302, when: 'before', headers: { location }, body: {} }) as const;
    calendar.fail('*', redirect('/calendar/old.ics'), 10);
    assert.match((await failureOf(lookUp(calendar.address))).message, /redirects too often/);
    calendar.heal();
    calendar.fail('*', redirect('ftp://example.com/x.ics'));
    assert.match((await failureOf(lookUp(calendar.address))).message, /not an https address/);
  });

  test('is not read from a private address, by its name or after a redirect', async () => {
    const resolve = async () => [{ address: '10.0.0.7', family: 4 }];
    const source = createIcal({ clock, resolve, timeouts });
    assert.match(
      (await failureOf(lookUp('https://intranet.example.com/x.ics', source))).message,
      /private or special address/,
    );
    assert.match(
      (await failureOf(lookUp(calendar.address, createIcal({ clock, timeouts })))).message,
      /not an https address/,
    );
    calendar.fail('*', {
      kind: 'status',
      status: 302,
      when: 'before',
      headers: { location: 'https://10.0.0.7/' },
      body: {},
    });
    assert.match((await failureOf(lookUp(calendar.address))).message, /private or special address/);
  });

  test('is read from the address that was checked: its name is not looked up a second time', async () => {
    calendar.publish(...allDay('Mara'));
    const names: string[] = [];
    const resolve = async (name: string) => {
      names.push(name);
      return [{ address: '127.0.0.1', family: 4 }];
    };
    const address = calendar.address.replace('127.0.0.1', 'calendar.invalid');
    assert.equal((await lookUp(address, create({ resolve })))[0]?.name, 'Mara');
    assert.deepEqual(names, ['calendar.invalid']);
  });

  test('that never ends is given up', async () => {
    const server = createServer((_, response) => response.writeHead(200).write('BEGIN:VCALENDAR'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const cut = setTimeout(() => server.closeAllConnections(), 10 * LIMIT_MS);
    const begun = performance.now();
    await failureOf(lookUp(`http://127.0.0.1:${port}/x.ics`));
    assert.ok(performance.now() - begun < 9 * LIMIT_MS, 'it ended because its server did');
    clearTimeout(cut);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test('counts each attendee, and the title where an address is not known', async () => {
    calendar.publish(...allDay('Jon on call', 'ATTENDEE:mailto:mara@example.com', 'ATTENDEE:mailto:x@example.com'));
    assert.deepEqual(
      (await lookUp(calendar.address)).map(({ accounts }) => accounts.map(({ platform, id }) => `${platform}:${id}`)),
      [
        ['email:mara@example.com', 'ical:Jon on call'],
        ['email:x@example.com', 'ical:Jon on call'],
      ],
    );
  });

  test('with a repetition that never takes place does not keep the process busy', async () => {
    calendar.publish(
      ...allDay('Never', 'RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30').filter((line) => line !== 'RRULE:FREQ=DAILY'),
    );
    const source = create({ readMs: LIMIT_MS });
    assert.match((await failureOf(lookUp(calendar.address, source))).message, /takes too long to read/);
  });

  test('that is too large is a failure', async () => {
    calendar.publish(...Array.from({ length: 50_000 }, (_, at) => `X-LINE-${at}:${'x'.repeat(90)}`));
    const source = createIcal({ clock, allowLoopback: true });
    assert.match((await failureOf(lookUp(calendar.address, source))).message, /larger than/);
  });
});
