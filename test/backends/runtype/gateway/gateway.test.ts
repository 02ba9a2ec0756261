import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { describe, test } from 'node:test';
import { REQUEST_MAX_BYTES } from '../../../../src/backends/runtype/gateway/call.ts';
import { listenerAt } from '../../../support/http.ts';
import {
  APP_KEY,
  frame,
  readText,
  sendJson,
  sendStream,
  withBackend,
  withGateway,
  withServer,
} from '../support/backend.ts';
import { asked, beginStream, complete, open, post, start } from '../support/caller.ts';

describe('a run that is read along', () => {
  test('its bytes reach the application as they arrive, and its pause is delivered while the stream continues', async () => {
    let finish = (_: string) => {};
    const upstream: RequestListener = (_, response) => {
      beginStream(response);
      response.write(frame(start) + frame(asked));
      finish = (text) => response.end(text);
    };
    await withGateway(upstream, {}, async ({ gateway, intake }) => {
      const response = await open(gateway.url).answer;
      const first = await new Promise<string>((resolve) => response.once('data', (bytes) => resolve(String(bytes))));
      assert.equal(first, frame(start) + frame(asked));
      const { pause } = await intake.delivery('announced');
      assert.deepEqual([pause.key, pause.asker], ['approval:appr_1', 'Order desk']);
      assert.equal(intake.deliveries.length, 1);
      finish(frame(complete));
      assert.equal(await readText(response), frame(complete));
      assert.equal((await intake.delivery('run_ended')).state, 'completed');
    });
  });

  test('no byte waits for the reader, and none is changed; the end is sent when the pause is recorded', async () => {
    const noise = 'data: {"type":"await"\n\n: c\r\rid\n\nevent: await\ndata: [1,\n\n\ufeff\xff\xfe broken';
    const text = frame(start) + frame(asked) + noise + frame({ ...asked, approvalId: 'appr_2' });
    const bytes = Buffer.from(text, 'latin1');
    const upstream: RequestListener = (_, response) => {
      beginStream(response);
      response.end(bytes);
    };
    await withGateway(upstream, {}, async ({ gateway, intake }) => {
      let release = () => {};
      const gate = new Promise<void>((resolve) => {
        release = resolve;
      });
      intake.onDeliver = () => gate;
      const response = await open(gateway.url).answer;
      const ended = once(response, 'end');
      const chunks: Buffer[] = [];
      await new Promise<void>((resolve) => {
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          if (Buffer.concat(chunks).length === bytes.length) resolve();
        });
      });
      assert.ok(Buffer.concat(chunks).equals(bytes));
      assert.deepEqual(intake.deliveries, [], 'nothing is committed yet');
      assert.equal(response.complete, false, 'and so the answer has no end yet');
      intake.onDeliver = () => {
        throw new Error('and the second one fails');
      };
      release();
      await intake.delivery('announced');
      await ended;
      assert.deepEqual((await post(gateway.url)).status, 200, 'and the next call is none the worse');
    });
  });

  test('when the application goes away, it is read to its end', async () => {
    let finish = () => {};
    const upstream: RequestListener = (_, response) => {
      beginStream(response);
      response.write(frame(start));
      finish = () => response.end(frame(asked));
    };
    await withGateway(upstream, {}, async ({ gateway, intake }) => {
      const { outgoing, answer } = open(gateway.url);
      const response = await answer;
      response.on('error', () => {});
      await new Promise((resolve) => response.once('data', resolve));
      const closed = new Promise((resolve) => response.on('close', resolve));
      outgoing.destroy();
      await closed;
      finish();
      await intake.delivery('announced');
      await intake.delivery('run_paused');
    });
  });

  test('without its application and without a byte, it is dropped', async () => {
    const upstream: RequestListener = (_, response) => {
      beginStream(response);
      response.write(frame(start));
    };
    await withGateway(upstream, { timeouts: { idleMs: 50 } }, async ({ gateway, intake }) => {
      const { outgoing, answer } = open(gateway.url);
      const response = await answer;
      response.on('error', () => {});
      await new Promise((resolve) => response.once('data', resolve));
      outgoing.destroy();
      assert.equal((await intake.delivery('run_ended')).state, 'lost');
    });
  });

  test('cut by Runtype, it is cut for the application too, and its rest was not seen', async () => {
    const upstream: RequestListener = (_, response) => {
      beginStream(response);
      response.write(frame(start), () => response.destroy());
    };
    await withGateway(upstream, {}, async ({ gateway, intake }) => {
      const response = await open(gateway.url).answer;
      await assert.rejects(readText(response), /aborted/);
      assert.equal((await intake.delivery('run_ended')).state, 'lost');
    });
  });

  test('it is asked for as plain text', async () => {
    const codings: unknown[] = [];
    const upstream: RequestListener = (request, response) => {
      codings.push(request.headers['accept-encoding']);
      sendStream(response, '');
    };
    await withGateway(upstream, {}, async ({ gateway }) => {
      const headers = { 'accept-encoding': 'gzip' };
      for (const path of [
        '/v1/dispatch',
        '/v1/agents/a1/execute',
        '/v1/dispatch/',
        '/v1//dispatch?x',
        '/v1/%64ispatch',
      ]) {
        await post(gateway.url, { path, headers });
      }
      await post(gateway.url, { path: '/v1/records', headers });
      await post(gateway.url, { key: 'somebody-else', headers });
      assert.deepEqual(codings, [...Array(5).fill('identity'), 'gzip', 'gzip']);
    });
  });

  test('only for keys that may have cards', async () => {
    const upstream: RequestListener = (_, response) => sendStream(response, frame(asked));
    const carded = async (keys: readonly string[] | 'any', key: string) =>
      withGateway(upstream, { gateway: { keys } }, async ({ gateway, intake }) => {
        await post(gateway.url, { key });
        await intake.journal
          .until('its end', () => (intake.deliveries.length === 2 ? true : undefined), 40)
          .catch(() => {});
        return intake.pauses.length;
      });
    assert.equal(await carded(['k1', APP_KEY], APP_KEY), 1);
    assert.equal(await carded('any', 'any-key'), 1);
    assert.equal(await carded([`${APP_KEY}x`, APP_KEY.slice(0, -1)], APP_KEY), 0);
    assert.equal(await carded([], APP_KEY), 0);
  });

  test('the application’s own tools get no card, also after the run was continued', async () => {
    const own = { type: 'await', executionId: 'exec_1', toolName: 'pick', toolCallId: 't1' };
    const ours = { type: 'await', executionId: 'exec_1', toolName: 'confirm', toolCallId: 't2' };
    const upstream: RequestListener = (_, response) => sendStream(response, frame(start) + frame(own) + frame(ours));
    await withGateway(upstream, {}, async ({ gateway, intake }) => {
      await post(gateway.url, { body: { clientTools: [{ name: 'pick' }, null, {}] } });
      await post(gateway.url, { path: '/v1/dispatch/resume', body: { executionId: 'exec_1', toolOutputs: { t1: 1 } } });
      await intake.journal.until('both streams', () => (intake.deliveries.length === 6 ? true : undefined));
      assert.deepEqual(
        intake.pauses.map(({ tool }) => tool),
        ['confirm', 'confirm'],
      );
      assert.deepEqual(intake.pauses[0]?.wire['clientTools'], ['pick']);
    });
  });

  test('an answer in one piece is read as well', async () => {
    const approvals = [{ ...asked, type: undefined }];
    const body = {
      success: true,
      status: 'paused',
      executionId: 'exec_1',
      pausedReason: { type: 'approval', approvals },
    };
    await withGateway(
      (_, response) => sendJson(response, 200, body),
      {},
      async ({ gateway, intake }) => {
        assert.deepEqual(JSON.parse((await post(gateway.url)).text), JSON.parse(JSON.stringify(body)));
        assert.equal((await intake.delivery('announced')).pause.key, 'approval:appr_1');
      },
    );
  });

  test('a dispatch that is too long to be read passes whole', async () => {
    let length = 0;
    const upstream: RequestListener = async (request, response) => {
      for await (const chunk of request as AsyncIterable<Buffer>) length += chunk.length;
      sendStream(response, frame(asked));
    };
    await withGateway(upstream, {}, async ({ gateway, intake }) => {
      const body = JSON.stringify({ text: 'x'.repeat(REQUEST_MAX_BYTES) });
      assert.equal((await post(gateway.url, { body })).status, 200);
      assert.equal(length, body.length);
      await intake.delivery('announced');
    });
  });
});

describe('Runtype out of reach', () => {
  test('is answered with a message of ours', async () => {
    const url = await withServer(
      () => {},
      async (listening) => listening.url,
    );
    await withBackend(url, {}, ({ backend, log }) =>
      withServer(listenerAt(backend, '/v1/', log.log), async (gateway) => {
        for (const key of [APP_KEY, 'somebody-else']) {
          const { status, text } = await post(gateway.url, { key });
          const { error, message } = JSON.parse(text) as { error: string; message: string };
          assert.deepEqual([status, error], [502, 'Bad Gateway']);
          assert.match(message, /^Countersign: .*refused/);
        }
      }),
    );
  });
});

test('the log of the gateway holds no key, no body and no value', async () => {
  const secretive = { ...asked, parameters: { iban: 'DE99-parameter-value' }, reason: 'stated-reason' };
  await withGateway(
    (_, response) => sendStream(response, `${frame(secretive)}event: await\ndata: {private-words\n\n`),
    {},
    async (bench) => {
      const body = { messages: [{ role: 'user', content: 'private-words' }] };
      await post(bench.gateway.url, { body });
      await bench.intake.delivery('run_paused');
      await post(bench.gateway.url, {
        path: '/v1/dispatch/approve',
        body: { ...body, approvalId: 'a', decision: 'denied' },
      });
      assert.doesNotMatch(bench.log.text(), /rt_test|parameter-value|stated-reason|private-words/);
    },
  );
});
