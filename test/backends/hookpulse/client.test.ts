import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, test } from 'node:test';
import { createHookPulseClient } from '../../../src/backends/hookpulse/client.ts';
import { RateBudget } from '../../../src/backends/hookpulse/rate-budget.ts';
import { outline, pauseOf, readPage } from '../../../src/backends/hookpulse/wire.ts';
import { createJsonClient, JSON_TIMEOUTS } from '../../../src/backends/shared/json-client.ts';
import { createTransport } from '../../../src/backends/shared/transport.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { decided, sendJson, withServer } from '../runtype/support/backend.ts';
import { aBrand, never, unread, withHookPulse } from './support.ts';

describe('a list that is read again', () => {
  test('is the same listing while no byte changes; only a page that changed is parsed again', async () => {
    const step = (plan: string) => ({ execution_plan_uuid: plan, step_identifier: 's', workflow_index: 0 });
    const pages = [[step('a'), step('b')], [step('c')]];
    const answer: RequestListener = ({ url = '' }, response) => {
      const at = Number(new URL(url, 'http://x').searchParams.get('page')) - 1;
      const meta = { total_count: pages.flat().length, has_next: at + 1 < pages.length };
      sendJson(response, 200, { success: true, data: pages[at], meta });
    };
    await withServer(answer, async ({ url }) => {
      const transport = createTransport(url, JSON_TIMEOUTS);
      const callJson = createJsonClient(transport, JSON_TIMEOUTS, outline);
      const options = {
        callJson,
        callTemplate: callJson,
        brand: aBrand,
        budget: new RateBudget(1),
        clock: systemClock,
      };
      const client = createHookPulseClient(options);
      const read = async () => {
        const listing = await client.list(never);
        assert.ok(listing.type === 'read');
        return listing;
      };
      const first = await read();
      assert.deepEqual([first.complete, first.steps.map(({ plan }) => plan)], [true, ['a', 'b', 'c']]);
      assert.equal(await read(), first);
      pages[1] = [step('d'), step('e')];
      const second = await read();
      assert.deepEqual([second.complete, second.steps.length], [true, 4]);
      pages[0] = [step('a'), { ...step('b'), workflow_index: 1 }];
      pages.pop();
      const third = await read();
      assert.deepEqual([third.complete, third.requests, third.steps.length], [true, 1, 2]);
      assert.notEqual(third.steps[0], first.steps[0]);
      const early = await client.list(never, ({ plan }) => plan === 'a');
      assert.equal(early, third);
      transport.close();
    });
  });
});

describe('pages of other kinds', () => {
  const step = { execution_plan_uuid: 'p', step_identifier: 's', workflow_index: 0 };

  async function look(
    answer: RequestListener,
    use: (result: { types: string[]; reason: string | null; requests: number }) => void,
    passes = 1,
  ) {
    let requests = 0;
    const counted: RequestListener = (request, response) => {
      requests += 1;
      answer(request, response);
    };
    await withServer(counted, ({ url }) =>
      withHookPulse({}, { url }, async ({ backend, intake, clock }) => {
        const watching = backend.watch?.(never);
        for (let pass = 1; pass < passes; pass += 1) await clock.pass();
        await clock.asleep(passes);
        const reach = intake.deliveries.findLast((one) => one.type === 'reach');
        const reason = reach?.type === 'reach' ? reach.reason : null;
        use({ types: intake.deliveries.map(({ type }) => type), reason, requests });
        await backend.stop();
        await watching;
      }),
    );
  }

  const page = (body: object): RequestListener => {
    return (_, response) => sendJson(response, 200, { success: true, data: [step], ...body });
  };

  test('without meta: shown, and absence proves nothing', () =>
    look(page({}), ({ types }) => assert.deepEqual(types, ['reach', 'announced'])));

  test('with steps that can’t be read: the others are shown, and without a count absence proves nothing', () =>
    look(
      page({ data: [step, { execution_plan_uuid: 'q' }, null], meta: { has_next: false } }),
      ({ types }) => assert.deepEqual(types, ['reach', 'announced', 'unfollowed', 'unfollowed']),
      2,
    ));

  test('with steps that do not wait: no card, and the list is complete', () => {
    const idle = [
      { ...step, execution_plan_uuid: 'q', status: 'active' },
      { ...step, execution_plan_uuid: 'r', human_approval_required: false },
    ];
    const waiting = { ...step, status: 'waiting_approval', human_approval_required: true };
    return look(page({ data: [waiting, ...idle], meta: { has_next: false, total_count: 3 } }), ({ types }) =>
      assert.deepEqual(types, ['reach', 'announced', 'listed']),
    );
  });

  test('that repeat a plan with an unchanged total: the list moved, and absence proves nothing', () => {
    const pages: RequestListener = ({ url }, response) => {
      const meta = { total_count: 2, has_next: url?.endsWith('page=1') };
      sendJson(response, 200, { success: true, data: [step], meta });
    };
    return look(pages, ({ types, requests }) => {
      assert.deepEqual([types, requests], [['reach', 'announced'], 2]);
    });
  });

  test('with fewer steps than the total, or without one: shown, and absence proves nothing', async () => {
    const metas = [{ total_count: 5 }, { total_count: 0 }, { total_count: null }, {}];
    for (const meta of metas) {
      await look(page({ meta: { ...meta, has_next: false } }), ({ types }) =>
        assert.deepEqual(types, ['reach', 'announced']),
      );
    }
    await look(page({ data: [], meta: { total_count: 5, has_next: false } }), ({ types }) =>
      assert.deepEqual(types, ['reach']),
    );
  });

  test('that are empty and say so: complete', () =>
    look(page({ data: [], meta: { total_count: 0, has_next: false } }), ({ types }) =>
      assert.deepEqual(types, ['reach', 'listed']),
    ));

  test('that drift with an equal total: what one pass missed is not reported as gone', () => {
    const before = Array.from({ length: 30 }, (_, at) => `p${at}`);
    // Between pages 1 and 2 one is decided on page 1, and an older plan begins to wait on page 3: p10 goes unseen.
    const after = before.filter((plan) => plan !== 'p3').toSpliced(25, 0, 'p99');
    let requests = 0;
    const drifting: RequestListener = ({ url }, response) => {
      requests += 1;
      const at = Number(new URL(url ?? '', 'http://x').searchParams.get('page'));
      const plans = requests <= 4 ? before : after;
      const data = plans.slice((at - 1) * 10, at * 10).map((plan) => ({ ...step, execution_plan_uuid: plan }));
      sendJson(response, 200, { success: true, data, meta: { total_count: 30, has_next: at < 3 } });
    };
    return withServer(drifting, ({ url }) =>
      withHookPulse({}, { url }, async ({ backend, clock, listed }) => {
        const watching = backend.watch?.(never);
        await clock.pass();
        assert.equal(listed().length, 0, 'one pass over several pages proves nothing');
        for (let pass = 0; pass < 2; pass += 1) await clock.pass();
        await clock.asleep(4);
        const has = (key: string) => listed().map(({ keys }) => keys.includes(`${key}:s:0`));
        assert.deepEqual(
          [has('p10'), has('p3'), has('p99')],
          [
            [true, true, true],
            [true, true, false],
            [true, true, true],
          ],
        );
        await backend.stop();
        await watching;
      }),
    );
  });

  test('promising more for ever: an end is made', async () => {
    await look(page({ data: [], meta: { has_next: true } }), ({ types, requests }) => {
      assert.deepEqual([types, requests], [['reach'], 1]);
    });
    await look(page({ meta: { has_next: true } }), ({ types, requests }) => {
      assert.deepEqual([types, requests], [['reach', 'announced'], 200]);
    });
  });

  const bad: [string, RequestListener, RegExp][] = [
    [
      'success: false',
      (_, response) => sendJson(response, 200, { success: false, error: 'Brand is paused' }),
      /Brand is paused/,
    ],
    [
      'HTML',
      (_, response) => response.writeHead(200).end('<html>'),
      /not a list of HookPulse\. Check HOOKPULSE_API_URL/,
    ],
    [
      '401',
      (_, response) => sendJson(response, 401, { success: false, error: 'Invalid API key' }),
      /Check HOOKPULSE_API_KEY and HOOKPULSE_BRAND_UUID/,
    ],
    ['null for the steps', page({ data: null, meta: { has_next: false, total_count: 0 } }), /not a list of HookPulse/],
    ['no steps at all', page({ data: undefined, meta: { has_next: false } }), /not a list of HookPulse/],
    ['404', (_, response) => sendJson(response, 404, { error: 'no' }), /Check HOOKPULSE_API_URL/],
    ['a redirect', (_, response) => response.writeHead(302, { location: '/' }).end(), /not followed/],
    ['a reset', (request) => request.socket.resetAndDestroy(), /did not answer/],
  ];
  for (const [name, answer, reason] of bad) {
    test(`${name}: reported after three in a row`, () =>
      look(
        answer,
        (result) => {
          assert.deepEqual(result.types, ['reach']);
          assert.match(result.reason ?? '', reason);
        },
        3,
      ));
  }
});

test('deciding: absence from several pages is believed the second time', async () => {
  const step = (plan: string) => ({ execution_plan_uuid: plan, step_identifier: 's', workflow_index: 0 });
  // One plan left page 1 and another came to page 2 while it was read: the total is the same, and the third is not read.
  const lists = [
    [
      ['a', 'b'],
      ['d', 'e'],
    ],
    [
      ['b', 'c'],
      ['d', 'e'],
    ],
  ];
  const [waiting] = readPage({ success: true, data: [step('c')], meta: { has_next: false } })?.steps ?? [];
  async function decide(shown: string[][][]) {
    let looks = 0;
    const answer: RequestListener = ({ method, url }, response) => {
      if (method === 'POST') return sendJson(response, 200, { success: true });
      const first = url?.endsWith('page=1') === true;
      if (first) looks += 1;
      const data = shown[Math.min(looks, shown.length) - 1]?.[first ? 0 : 1]?.map(step);
      sendJson(response, 200, { success: true, data, meta: { total_count: 4, has_next: first } });
    };
    const { result } = await withServer(answer, ({ url }) =>
      withHookPulse({}, { url }, ({ backend, hookpulse }) => {
        const pause = pauseOf(waiting ?? assert.fail(), { ...aBrand, uuid: hookpulse.brandUuid }, unread);
        return backend.decide([decided(pause, 'approve')], never);
      }),
    );
    return [result.type, looks];
  }
  assert.deepEqual(await decide(lists), ['recorded', 2]);
  assert.deepEqual(await decide(lists.slice(0, 1)), ['gone', 2]);
});
