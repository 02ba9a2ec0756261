import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Approval, approvalSchema } from '../../../../src/core/approval/approval.ts';
import type { Input, InputOf } from '../../../../src/core/approval/inputs.ts';
import { step } from '../../../../src/core/approval/steps/step.ts';
import { announced, dana, pauseOf, pressed } from '../../../support/data/pauses.ts';
import { runs } from '../../../support/property.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const now = Date.UTC(2026, 8, 1, 10);

type Asked = { askedAt?: number | null; deadline?: number | null };

function ask(times: Asked, more: Partial<InputOf<'announced'>> = {}): InputOf<'announced'> {
  return { ...(announced() as InputOf<'announced'>), pause: pauseOf({ deadline: null, ...times }), ...more };
}

function seen(times: Asked, more: Partial<InputOf<'announced'>> = {}, at = now): Approval {
  return next(null, ask(times, more), at);
}

function next(state: Approval | null, input: Input, at = now): Approval {
  const stepped = step(state, input, at).state;
  assert.ok(stepped);
  return stepped;
}

describe('when it was asked', () => {
  test('is what the backend says, between 30 days ago and now', () => {
    assert.equal(seen({ askedAt: now - 3 * HOUR }, { via: 'poll' }).askedAt, now - 3 * HOUR);
    assert.equal(seen({ askedAt: now - 3 * HOUR }, { via: 'stream', readAgain: true }).askedAt, now - 3 * HOUR);
    assert.equal(seen({ askedAt: now - 3 * HOUR }, { via: 'ingest' }).askedAt, now - 3 * HOUR, 'delivered again');
    assert.equal(seen({ askedAt: now - 400 * DAY }, { via: 'poll' }).askedAt, now - 30 * DAY);
    assert.equal(seen({ askedAt: now + HOUR }).askedAt, now);
    assert.equal(seen({ askedAt: null }).askedAt, now);
    assert.equal(seen({}).askedAt, now);
    assert.equal(seen({ askedAt: Number.NaN }).askedAt, now);
  });

  test('is its arrival where what is announced live has a time stamp that can’t be', () => {
    for (const off of [-61 * SECOND, -3 * HOUR, -5 * 365 * DAY, 73 * 365 * DAY]) {
      assert.equal(seen({ askedAt: now + off }, { via: 'stream' }).askedAt, now, String(off));
    }
    assert.equal(seen({ askedAt: 1_000 }, { via: 'stream' }).askedAt, now, '1970');
    assert.equal(seen({ askedAt: now - 59 * SECOND }, { via: 'stream' }).askedAt, now - 59 * SECOND);
    assert.equal(seen({ askedAt: now - 5 * DAY }, { via: 'ingest' }).askedAt, now, 'no delivery is repeated so long');
  });

  test('stays, whatever is announced while it waits; our own first sight stays, too', () => {
    const first = seen({ askedAt: now - HOUR }, { via: 'poll' });
    const changed = next(first, ask({ askedAt: now - MINUTE }, { via: 'poll', fingerprint: 'd2' }), now + MINUTE);
    assert.deepEqual([changed.askedAt, changed.createdAt, changed.fingerprint], [now - HOUR, now, 'd2']);
  });

  test('is new once the backend asks again what had ended', () => {
    const first = seen({ askedAt: now }, { via: 'stream' });
    const over = next(first, { type: 'cancelled', reason: 'run ended' }, now + MINUTE);
    const pause = pauseOf({ groupId: 'another', askedAt: now + HOUR });
    const again = next(over, { ...ask({}), via: 'stream', pause }, now + HOUR);
    assert.deepEqual([again.phase, again.askedAt, again.createdAt], ['open', now + HOUR, now]);
  });

  test('is the first sight in rows of earlier versions', () => {
    const { askedAt: _, ...old } = seen({ askedAt: now - HOUR });
    assert.equal(approvalSchema.parse(JSON.parse(JSON.stringify(old))).askedAt, now);
    assert.equal(approvalSchema.safeParse(null).success, false);
  });
});

describe('a deadline', () => {
  const deadlineOf = (times: Asked, more: Partial<InputOf<'announced'>> = {}) => {
    const { deadline } = seen(times, more).pause;
    return deadline === null ? null : deadline - now;
  };
  /** Of a backend whose clock is off by so much, for a time-out of so much. */
  const by = (off: number, timeout: number): Asked => ({ askedAt: now + off, deadline: now + off + timeout });

  test('of what is announced live counts from its arrival, where the time stamp is more than a minute off', () => {
    assert.equal(deadlineOf(by(-HOUR, 5 * MINUTE)), 5 * MINUTE);
    assert.equal(deadlineOf(by(HOUR, 5 * MINUTE), { via: 'ingest' }), 5 * MINUTE);
    assert.equal(deadlineOf(by(-HOUR, 5 * MINUTE), { via: 'ingest' }), 5 * MINUTE);
    assert.equal(deadlineOf(by(-61 * SECOND, 5 * MINUTE)), 5 * MINUTE);
  });

  test('counts from the time stamp where the clocks agree', () => {
    assert.equal(deadlineOf(by(-30 * SECOND, 5 * MINUTE)), 4.5 * MINUTE);
    assert.equal(deadlineOf(by(30 * SECOND, 5 * MINUTE)), 5 * MINUTE, 'not from the future');
    assert.equal(deadlineOf({ askedAt: null, deadline: now + 5 * MINUTE }), 5 * MINUTE);
  });

  test('of what is listed, or read again, counts from when it was asked, with a minute at least', () => {
    for (const more of [{ via: 'poll' }, { via: 'stream', readAgain: true }] as const) {
      assert.equal(deadlineOf(by(-3 * HOUR, 4 * HOUR), more), HOUR);
      assert.equal(deadlineOf(by(-3 * HOUR, HOUR), more), MINUTE);
      assert.equal(deadlineOf({ deadline: now - HOUR }, more), MINUTE);
    }
  });

  test('is as short as the backend’s own time-out, but not shorter', () => {
    assert.equal(deadlineOf(by(-50 * SECOND, 10 * SECOND)), 10 * SECOND);
    assert.equal(deadlineOf(by(0, 10 * SECOND)), 10 * SECOND);
    assert.equal(deadlineOf(by(0, 0)), MINUTE);
    assert.equal(deadlineOf({ askedAt: null, deadline: null }), null);
    assert.equal(deadlineOf({ askedAt: 1, deadline: 8.64e15 }), null, 'later than a Date can hold');
  });

  test('is not moved by the same announcement read again, but by a new one', () => {
    const first = seen(by(-90 * SECOND, 5 * MINUTE));
    const again = ask(by(-90 * SECOND, 5 * MINUTE), { fingerprint: 'd2', readAgain: true });
    assert.equal(next(first, again, now + 4 * MINUTE).pause.deadline, now + 5 * MINUTE);
    const later = { askedAt: now + 4 * MINUTE, deadline: now + 9 * MINUTE };
    assert.equal(next(first, ask(later, { fingerprint: 'd2' }), now + 4 * MINUTE).pause.deadline, now + 9 * MINUTE);
  });
});

describe('reminders', () => {
  const remindAfter = [10 * MINUTE, 30 * MINUTE, 2 * HOUR];
  const remind = (times: Asked, more: Partial<InputOf<'announced'>>) =>
    seen(times, { remindAfter, ...more }).remindAt.map((at) => at - now);

  test('count from when a listed request was asked; one replaces all that would have been due', () => {
    assert.deepEqual(remind({ askedAt: now - HOUR }, { via: 'poll' }), [MINUTE, HOUR]);
    assert.deepEqual(remind({ askedAt: now - 5 * MINUTE }, { via: 'poll' }), [5 * MINUTE, 25 * MINUTE, 115 * MINUTE]);
    assert.deepEqual(remind({ askedAt: now - 3 * DAY }, { via: 'poll' }), [MINUTE]);
  });

  test('count from the arrival of what is announced live by a clock that is off', () => {
    assert.deepEqual(remind({ askedAt: now - HOUR }, { via: 'stream' }), remindAfter);
    assert.deepEqual(remind({}, { via: 'stream' }), remindAfter);
  });

  test('shorter than a minute stay so', () => {
    assert.deepEqual(seen({}, { remindAfter: [SECOND] }).remindAt, [now + SECOND]);
  });
});

describe('whatever a backend’s clock says', () => {
  const moment = fc.oneof(
    fc.constant(null),
    fc.double({ noNaN: false }),
    fc.integer({ min: -60 * DAY, max: 60 * DAY }).map((ms) => now + ms),
  );
  const way = fc.constantFrom(
    { via: 'poll' },
    { via: 'stream' },
    { via: 'ingest' },
    { via: 'stream', readAgain: true },
  ) as fc.Arbitrary<Partial<InputOf<'announced'>>>;
  const after = fc.uniqueArray(fc.integer({ min: SECOND, max: 40 * DAY }), { maxLength: 4 });

  test('it was asked within 30 days, no reminder is in the past, and an open card gets its minute', () => {
    fc.assert(
      fc.property(moment, fc.oneof(moment, fc.nat(DAY)), way, after, (askedAt, end, how, remindAfter) => {
        // `fc.nat`: a time-out by the backend's own clock.
        const deadline = end !== null && end <= DAY && end >= 0 ? (askedAt ?? now) + end : end;
        const rising = [...remindAfter].sort((a, b) => a - b);
        const state = seen({ askedAt, deadline }, { ...how, remindAfter: rising });
        assert.ok(state.askedAt >= now - 30 * DAY && state.askedAt <= now, 'asked');
        assert.ok(
          state.remindAt.every((at) => at > now),
          'reminders',
        );
        assert.deepEqual(
          [...state.remindAt].sort((a, b) => a - b),
          state.remindAt,
        );
        const end2 = state.pause.deadline;
        if (end2 === null) return;
        const timeout = deadline === null ? 0 : deadline - (Number.isFinite(askedAt) ? Number(askedAt) : now);
        const isShort = how.via !== 'poll' && how.readAgain !== true && timeout > 0 && timeout < MINUTE;
        assert.ok(end2 - now >= (isShort ? Math.floor(timeout) : MINUTE), `deadline ${end2 - now}`);
        assert.ok(!Number.isNaN(new Date(end2).getTime()));
        approvalSchema.parse(JSON.parse(JSON.stringify({ ...state, pause: { ...state.pause, askedAt: null } })));
      }),
      { numRuns: runs(1_000) },
    );
  });

  test('a decision is never before the question', () => {
    fc.assert(
      fc.property(moment, (askedAt) => {
        const decided = next(seen({ askedAt }, { via: 'poll' }), pressed({ actor: dana }), now);
        assert.ok((decided.decision?.at ?? 0) >= decided.askedAt);
      }),
      { numRuns: runs(100) },
    );
  });
});

describe('when it was shown', () => {
  const slot = 'card@slack:C0ROOM';
  const receipt = { platform: 'slack', room: 'C0ROOM', message: '1' };
  const shownAt = (state: Approval) => state.slots[slot]?.shownAt;

  test('is the first post in that place, and stays when the message is posted again', () => {
    const open = seen({});
    assert.equal(shownAt(open), undefined);
    const shown = next(open, { type: 'posted', slot, receipt }, now + 5);
    assert.equal(shownAt(shown), now + 5);
    const deleted = next(shown, { type: 'unposted', slot, receipt }, now + 6);
    assert.equal(shownAt(next(deleted, { type: 'posted', slot, receipt }, now + 7)), now + 5);
  });

  test('is when the attempt began that is found later, but never in the future', () => {
    assert.equal(shownAt(next(seen({}), { type: 'posted', slot, receipt, at: now + 1 }, now + 9)), now + 1);
    assert.equal(shownAt(next(seen({}), { type: 'posted', slot, receipt, at: now + 99 }, now + 9)), now + 9);
  });

  test('is not before the digest that it joined was edited', () => {
    const digest = { id: 'b1', at: now, runId: null };
    const joined = next(seen({}), { type: 'gathered', slot, digest, receipt, deletions: 0 });
    assert.equal(shownAt(joined), null);
    const shown = next(joined, { type: 'posted', slot, receipt, digest: 'b1' }, now + 3);
    assert.equal(shownAt(shown), now + 3);
    const alone = next(shown, { type: 'released', slot, actor: dana }, now + 4);
    assert.equal(shownAt(alone), now + 3);
  });
});
