import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, test } from 'node:test';
import { never, withHookPulse } from './hookpulse-rig.ts';
import { sendJson, withServer } from './rig.ts';

describe('pages of other kinds', () => {
  const step = { execution_plan_uuid: 'p', step_identifier: 's', workflow_index: 0 };

  async function look(
    answer: RequestListener,
    use: (told: { types: string[]; words: string | null; requests: number }) => void,
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
        const words = reach?.type === 'reach' ? reach.words : null;
        use({ types: intake.deliveries.map(({ type }) => type), words, requests });
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

  test('with a step that can’t be read: the others are shown, and absence proves nothing', () =>
    look(page({ data: [step, { execution_plan_uuid: 'q' }, null], meta: { has_next: false } }), ({ types }) =>
      assert.deepEqual(types, ['reach', 'announced']),
    ));

  test('that repeat a plan though the total stands: the list moved, and absence proves nothing', () => {
    const pages: RequestListener = ({ url }, response) => {
      const meta = { total_count: 2, has_next: url?.endsWith('page=1') };
      sendJson(response, 200, { success: true, data: [step], meta });
    };
    return look(pages, ({ types, requests }) => {
      assert.deepEqual([types, requests], [['reach', 'announced'], 2]);
    });
  });

  test('null for nothing', () =>
    look(page({ data: null, meta: { has_next: false, total_count: 0 } }), ({ types }) =>
      assert.deepEqual(types, ['reach', 'listed']),
    ));

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
      /not one of HookPulse’s\. Check HOOKPULSE_API_URL/,
    ],
    [
      '401',
      (_, response) => sendJson(response, 401, { success: false, error: 'Invalid API key' }),
      /Check HOOKPULSE_API_KEY and HOOKPULSE_BRAND_UUID/,
    ],
    ['404', (_, response) => sendJson(response, 404, { error: 'no' }), /Check HOOKPULSE_API_URL/],
    ['a redirect', (_, response) => response.writeHead(302, { location: '/' }).end(), /not followed/],
    ['a reset', (request) => request.socket.resetAndDestroy(), /gave no answer/],
  ];
  for (const [name, answer, words] of bad) {
    test(`${name}: told after three in a row`, () =>
      look(
        answer,
        (told) => {
          assert.deepEqual(told.types, ['reach']);
          assert.match(told.words ?? '', words);
        },
        3,
      ));
  }
});
