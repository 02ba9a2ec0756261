import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, test } from 'node:test';
import { pauseOf, readList } from '../../../src/backends/sonzai/wire.ts';
import type { Approval } from '../../../src/core/approval/approval.ts';
import type { Input } from '../../../src/core/approval/inputs.ts';
import type { Action, Pause } from '../../../src/core/approval/pause/pause.ts';
import { step } from '../../../src/core/approval/steps/step.ts';
import type { DecideAnswer } from '../../../src/core/ports/ports.ts';
import { asApproval } from '../../support/data/pauses.ts';
import { decided, resultOf, sendJson, withServer } from '../runtype/support/backend.ts';
import { aDecision, never, RESOLVE, withSonzai } from './support.ts';

const statuses: [Action, string][] = [
  ['approve', 'approved'],
  ['reject', 'rejected'],
  ['take_over', 'taken_over'],
];

describe('what is sent', () => {
  for (const [action, status] of statuses) {
    test(`for ${action}`, () =>
      withSonzai({}, {}, async ({ announce, backend, sonzai, calls, effects }) => {
        const pause = await announce({ approval_id: 'apr 1/ü' });
        const answer = await backend.decide([decided(pause, action, 'kept to ourselves')], never);
        assert.deepEqual(answer, { result: { type: 'recorded', following: false } });
        const [call, ...others] = calls('POST');
        assert.deepEqual(others, []);
        assert.equal(call?.path, '/api/v1/approvals/apr%201%2F%C3%BC/resolve');
        assert.deepEqual(call?.body, { action });
        const { authorization, accept, 'content-type': type } = call?.headers ?? {};
        assert.deepEqual(
          [authorization, accept, type],
          [`Bearer ${sonzai.token}`, 'application/json', 'application/json'],
        );
        assert.deepEqual([sonzai.items()[0]?.status, effects()], [status, 1]);
      }));
  }

  test('what can’t be put on the wire is refused, and nothing is sent', () =>
    withSonzai({}, {}, async ({ announce, backend, calls }) => {
      const pause = await announce();
      const foreign = { ...pause, wire: { executionId: 'e' } };
      const groups = [
        [],
        [asApproval({ ...decided(pause, 'approve'), decision: null })],
        [decided(foreign, 'approve')],
      ];
      groups.push([decided(pause, 'approve'), decided(pause, 'approve')]);
      for (const group of groups) assert.equal((await backend.decide(group, never)).result.type, 'refused');
      assert.deepEqual(calls('POST'), []);
      assert.equal(backend.resendable([]), true);
    }));
});

/** An item of the list, as a server of the test's own has it. */
function item(id: string) {
  return { approval_id: id, status: 'pending', type: 'message', created_at: '', context: 's3cret context' };
}

/** The item as it was announced. */
function announcedAs(id: string): Pause {
  const [listed] = readList({ items: [item(id)], pending_count: 1 })?.pending ?? [];
  return listed === undefined ? assert.fail('it is not in the list') : pauseOf(listed);
}

/** What a list contains; null: it can't be read. `count`: how many are pending, where it is cut. */
type List = { items: object[]; count?: number } | null;
const listOf = (ids: readonly string[], count = ids.length): List => ({ items: ids.map(item), count });

/**
 * Decides about item `a`, at a Sonzai that answers a resolve with `answer`. `lists`: of each read in turn, the last one
 * for all that follow.
 */
function answered(
  answer: RequestListener,
  options: { lists?: readonly List[]; action?: Action; mayHaveArrived?: boolean } = {},
): Promise<DecideAnswer & { sent: string[] }> {
  const sent: string[] = [];
  const lists = [...(options.lists ?? [listOf(['a'])])];
  const sonzai: RequestListener = (request, response) => {
    sent.push(request.method ?? '');
    if (request.method !== 'GET') return answer(request, response);
    const list = (lists.length > 1 ? lists.shift() : lists[0]) ?? null;
    if (list === null) return response.writeHead(503).end();
    sendJson(response, 200, { items: list.items, pending_count: list.count ?? list.items.length });
  };
  return withServer(sonzai, ({ url }) =>
    withSonzai({}, { url }, async ({ backend }) => {
      const { action = 'approve', mayHaveArrived = false } = options;
      const answer = await backend.decide([aDecision(announcedAs('a'), action, { mayHaveArrived })], never);
      return { ...answer, sent };
    }),
  );
}

const problem = (status: number, body: object, headers: object = {}): RequestListener => {
  return (_, response) => sendJson(response, status, body, { 'content-type': 'application/problem+json', ...headers });
};

describe('what the answer means', () => {
  const results: [string, RequestListener, object][] = [
    [
      '409 that names the verdict',
      problem(409, { title: 'Conflict', detail: 'approval apr_approved_1 is already rejected' }),
      { type: 'already', verdict: 'reject', reason: 'approval apr_approved_1 is already rejected' },
    ],
    [
      '409 taken over',
      problem(409, { detail: 'is already taken_over' }),
      { type: 'already', verdict: 'take_over', reason: 'is already taken_over' },
    ],
    [
      '409 that names two',
      problem(409, { detail: 'approved, not rejected' }),
      { type: 'already', verdict: null, reason: 'approved, not rejected' },
    ],
    ['409 without reason', problem(409, {}), { type: 'already', verdict: null, reason: 'Sonzai answered 409.' }],
    ['404', problem(404, { detail: 'approval a not found' }), { type: 'gone', reason: 'approval a not found' }],
    ['410', problem(410, { title: 'Gone' }), { type: 'gone', reason: 'Gone' }],
    [
      '404 of a router',
      (_, response) => response.writeHead(404).end('404 page not found\n'),
      { type: 'refused', reason: 'Sonzai answered 404: 404 page not found. Check SONZAI_API_URL.' },
    ],
    [
      '422 with its faults, their values left out',
      problem(422, {
        detail: 'validation failed',
        errors: [
          { message: 'expected string', location: 'body.action', value: 's3cret' },
          { message: 'odd' },
          'plain',
          {},
        ],
      }),
      { type: 'refused', reason: 'Sonzai answered 422: validation failed (body.action: expected string; odd; plain)' },
    ],
    [
      '400 under error',
      problem(400, { error: { message: 'bad' } }),
      { type: 'refused', reason: 'Sonzai answered 400: bad' },
    ],
    ['400 under message', problem(400, { message: 'bad' }), { type: 'refused', reason: 'Sonzai answered 400: bad' }],
    [
      '400 in errors only',
      problem(400, { errors: [{ message: 'm' }] }),
      { type: 'refused', reason: 'Sonzai answered 400: m' },
    ],
    [
      '401',
      problem(401, { error: 'token expired' }),
      { type: 'refused', reason: 'Sonzai answered 401: token expired. Check SONZAI_TOKEN.' },
    ],
    [
      '403',
      problem(403, { detail: 'not allowed' }),
      { type: 'refused', reason: 'Sonzai answered 403: not allowed. SONZAI_TOKEN has no permission for this.' },
    ],
    [
      '402',
      problem(402, { detail: 'quota used up' }),
      { type: 'refused', reason: 'Sonzai answered 402: quota used up. Check the account’s plan at Sonzai.' },
    ],
    [
      '403 with a code of its own: no advice about the token',
      problem(403, { detail: 'the tenant is suspended', code: 'TENANT_SUSPENDED' }),
      { type: 'refused', reason: 'Sonzai answered 403: the tenant is suspended (TENANT_SUSPENDED).' },
    ],
    [
      '403 with a type of its own',
      problem(403, { detail: 'read only', type: 'https://sonz.ai/errors/read-only' }),
      { type: 'refused', reason: 'Sonzai answered 403: read only (read-only).' },
    ],
    [
      '200 with another verdict: decided by another person',
      problem(200, { approval_id: 'a', status: 'rejected' }),
      { type: 'already', verdict: 'reject', reason: 'Sonzai answered that it is rejected.' },
    ],
    ['200 with an unknown status', problem(200, { status: 'done' }), { type: 'recorded', following: false }],
  ];
  for (const [name, answer, result] of results) {
    test(name, async () => assert.deepEqual((await answered(answer)).result, result));
  }

  test('429: not taken, and so long to wait', async () => {
    const { result, retryAfterMs } = await answered(
      problem(429, { title: 'Too Many Requests' }, { 'retry-after': '7' }),
    );
    assert.deepEqual([result.type, retryAfterMs], ['unsent', 7_000]);
    // Its own clock counts, whatever ours says.
    const now = Date.UTC(2026, 7, 1, 10);
    const asked = { date: new Date(now).toUTCString(), 'x-ratelimit-reset': String(now / 1000 + 90) };
    const byReset = await answered(problem(429, {}, asked));
    assert.equal(byReset.retryAfterMs, 90_000);
  });

  const unclear: [string, RequestListener][] = [
    ['500', problem(500, { detail: 'unexpected error occurred' })],
    ['502 from a proxy', (_, response) => response.writeHead(502).end('<html>')],
    ['a reset', (request) => request.socket.resetAndDestroy()],
    ['an answer that is none', (_, response) => response.writeHead(200).end('<html>')],
    ['an answer that breaks off', (_, response) => void response.writeHead(200).write('{', () => response.destroy())],
  ];
  for (const [name, answer] of unclear) {
    test(`${name}: a fresh list shows whether it was applied`, async () => {
      const before = listOf(['a']);
      const still = await answered(answer, { lists: [before, listOf(['b', 'a'])] });
      // A slow server may take it yet, so the doubt must be remembered.
      assert.equal(still.result.type, 'ambiguous');
      assert.match('reason' in still.result ? still.result.reason : '', /still pending afterwards\.$/);
      assert.deepEqual(still.sent, ['GET', 'POST', 'GET']);
      const gone = await answered(answer, { lists: [before, listOf(['b'])] });
      assert.equal(gone.result.type, 'ambiguous');
      assert.match('reason' in gone.result ? gone.result.reason : '', /no longer pending\.$/);
      const cut = await answered(answer, { lists: [before, listOf(['b'], 201)] });
      assert.match('reason' in cut.result ? cut.result.reason : '', /did not show every item\.$/);
      const blind = await answered(answer, { lists: [before, null] });
      assert.equal(blind.result.type, 'ambiguous');
      assert.match('reason' in blind.result ? blind.result.reason : '', /could not be read afterwards\.$/);
    });
  }
});

describe('what is approved is read again before it is sent', () => {
  const ok = problem(200, { status: 'approved' });
  const other = { ...item('a'), context: 'Wire 99,999 EUR to Mallory' };
  const changes: [string, object][] = [
    ['context', { context: 'other' }],
    ['agent', { agent_name: 'Mallory' }],
    ['agent ID', { agent_id: 'agt_2' }],
    ['contact', { contact_name: 'Mallory' }],
    ['contact ID', { user_id: 'usr_2' }],
    ['channel', { channel: 'web' }],
    ['type', { type: 'goal' }],
    ['payload', { payload: { amount: 1 } }],
    ['tags', { tags: ['urgent'] }],
    ['confidence', { confidence: 0.5 }],
  ];
  for (const [name, change] of changes) {
    test(`another ${name}: nothing is sent`, async () => {
      const { result, sent } = await answered(ok, { lists: [{ items: [{ ...item('a'), ...change }] }] });
      assert.deepEqual([result.type, sent], ['changed', ['GET']]);
    });
  }

  test('what has changed is what the list shows now, also where it lists the item twice', async () => {
    for (const items of [[other], [item('a'), other], [item('b'), other]]) {
      const { result } = await answered(ok, { lists: [{ items }] });
      assert.equal(result.type === 'changed' && result.pause.description, 'Wire 99,999 EUR to Mallory');
    }
  });

  test('what is listed with another status is compared as well, and Sonzai judges it', async () => {
    const listed = { ...item('a'), status: 'in_review' };
    const same = await answered(ok, { lists: [{ items: [listed] }] });
    assert.deepEqual([same.result.type, same.sent], ['recorded', ['GET', 'POST']]);
    const changed = await answered(ok, { lists: [{ items: [{ ...listed, context: 'other' }] }] });
    assert.deepEqual([changed.result.type, changed.sent], ['changed', ['GET']]);
  });

  test('a cut list is followed by that of its type; what neither shows is not sent', async () => {
    const cut = listOf(['b'], 300);
    const found = await answered(ok, { lists: [cut, listOf(['a'], 300)] });
    assert.deepEqual([found.result.type, found.sent], ['recorded', ['GET', 'GET', 'POST']]);
    const changed = await answered(ok, { lists: [cut, { items: [other] }] });
    assert.deepEqual([changed.result.type, changed.sent], ['changed', ['GET', 'GET']]);
    for (const second of [cut, listOf(['b'])]) {
      const unseen = await answered(ok, { lists: [cut, second] });
      assert.deepEqual([unseen.result.type, unseen.sent], ['unsent', ['GET', 'GET', 'GET', 'GET']]);
    }
    const moved = await answered(ok, { lists: [cut, listOf(['b']), { items: [{ ...item('a'), type: 'goal' }] }] });
    assert.deepEqual([moved.result.type, moved.sent], ['changed', ['GET', 'GET', 'GET']], 'its type has changed');
  });

  test('while an item can’t be read that may be this one: not sent, and not called gone', async () => {
    const broken = { ...item('a'), approval_id: null };
    const { result, sent } = await answered(ok, { lists: [{ items: [item('b'), broken] }] });
    assert.deepEqual([result.type, sent], ['unsent', ['GET']]);
    assert.match('reason' in result ? result.reason : '', /has an item that can’t be read and may be this one/);
    const other = await answered(ok, { lists: [{ items: [item('a'), broken] }] });
    assert.deepEqual([other.result.type, other.sent], ['recorded', ['GET', 'POST']], 'one that is listed is decided');
  });

  test('an unreadable list sends nothing, and is read again later', async () => {
    for (const mayHaveArrived of [false, true]) {
      const { result, sent } = await answered(ok, { lists: [null], mayHaveArrived });
      assert.deepEqual([result.type, sent], ['unsent', ['GET']]);
    }
  });

  test('a call that may have arrived changes nothing of it', async () => {
    const { result, sent } = await answered(ok, { lists: [{ items: [other] }], mayHaveArrived: true });
    assert.deepEqual([result.type, sent], ['changed', ['GET']]);
  });
});

function advance(state: Approval, input: Input): Approval {
  return step(state, input, 1).state ?? assert.fail('it is gone');
}

describe('in doubt', () => {
  const ok = problem(200, { status: 'approved' });

  test('the list is read first: still pending is sent, gone is not', async () => {
    const still = await answered(ok, { mayHaveArrived: true });
    assert.deepEqual([still.result.type, still.sent], ['recorded', ['GET', 'POST']]);
    const gone = await answered(ok, { mayHaveArrived: true, lists: [listOf([])] });
    assert.deepEqual([gone.result.type, gone.sent], ['gone', ['GET']]);
    const blind = await answered(ok, { mayHaveArrived: true, lists: [null] });
    assert.deepEqual([blind.result.type, blind.sent], ['unsent', ['GET']]);
  });

  test('a second try that is refused with our verdict is ours, one that was never in doubt is not', async () => {
    const refused = (status: string) => problem(409, { detail: `is already ${status}` });
    const outcome = async (status: string, mayHaveArrived: boolean) => {
      const { result } = await answered(refused(status), { mayHaveArrived });
      return result.type;
    };
    assert.equal(await outcome('approved', true), 'recorded');
    assert.equal(await outcome('rejected', true), 'already');
    assert.equal(await outcome('approved', false), 'already');
  });

  for (const seenBy of ['the next poll', 'the next try', 'a refused next try']) {
    test(`a slow server that applied it after that list, seen by ${seenBy} after a restart: not attributed to others`, () =>
      withSonzai({}, {}, async ({ announce, backend, sonzai }) => {
        const pause = await announce();
        sonzai.fail(RESOLVE, { kind: 'status', status: 504, when: 'before' });
        const result = resultOf(await backend.decide([aDecision(pause)], never));
        const waits = advance(aDecision(pause), { type: 'sent', result, resendable: true, last: false });
        assert.deepEqual([waits.phase, waits.mayHaveArrived], ['decided', true]);
        if (seenBy === 'the next poll') {
          const gone = advance(waits, { type: 'absent', begunAt: Number.MAX_SAFE_INTEGER, reason: 'It left.' });
          return assert.equal(gone.outcome, 'unconfirmed');
        }
        const again = advance(waits, { type: 'sending', resendable: true });
        const answer =
          seenBy === 'the next try'
            ? await answered(problem(409, {}), { mayHaveArrived: again.mayHaveArrived, lists: [listOf([])] })
            : await answered(problem(409, { detail: 'is already approved' }), { mayHaveArrived: again.mayHaveArrived });
        const told = advance(again, { type: 'sent', result: resultOf(answer), resendable: true, last: false });
        const expected = seenBy === 'the next try' ? 'unconfirmed' : 'approved';
        assert.deepEqual([told.outcome, told.continuation], [expected, null]);
      }));
  }

  test('an answer that was lost: nothing happens twice', () =>
    withSonzai({}, {}, async ({ announce, backend, sonzai, effects }) => {
      const pause = await announce();
      sonzai.fail(RESOLVE, { kind: 'reset', when: 'after' });
      assert.equal((await backend.decide([aDecision(pause)], never)).result.type, 'ambiguous');
      assert.equal(
        (await backend.decide([aDecision(pause, 'approve', { mayHaveArrived: true })], never)).result.type,
        'gone',
      );
      assert.equal(effects(), 1);
    }));
});
