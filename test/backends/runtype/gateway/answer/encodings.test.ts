import assert from 'node:assert/strict';
import type { RequestListener, ServerResponse } from 'node:http';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Coding } from '../../../../../src/backends/runtype/wire/content-coding.ts';
import { runs } from '../../../../support/property.ts';
import { never } from '../../support/answering.ts';
import { APP_KEY as APPLICATION, decided, frame, sendStream, withGateway } from '../../support/backend.ts';
import { asked, complete, open, post, start } from '../../support/caller.ts';
import { anyCoding, decoded, encode } from '../../support/codings.ts';
import { eventsOf, held, open as openHeld } from '../../support/held.ts';

const every = ['gzip', 'deflate', 'br', 'zstd'] as const satisfies readonly Coding[];
const stream = { 'content-type': 'text/event-stream; charset=utf-8' };

function begin(response: ServerResponse, coding: string, type: object = stream): void {
  response.writeHead(200, { ...type, 'content-encoding': coding });
  response.flushHeaders();
}

async function bytesOf(url: string, path = '/v1/dispatch'): Promise<{ bytes: Buffer; coding: string | undefined }> {
  const response = await open(url, { path }).answer;
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return { bytes: Buffer.concat(chunks), coding: response.headers['content-encoding'] };
}

describe('a compressed event stream', () => {
  test('cut anywhere, passes on every byte, and is read', async () => {
    const text = frame(start) + frame(asked) + frame({ type: 'ping', filler: 'x'.repeat(300) });
    const cuts = fc.record({
      codings: fc.array(anyCoding, { minLength: 1, maxLength: 2 }),
      sizes: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 12 }),
      path: fc.constantFrom('/v1/dispatch', '/v1/agents/a/execute', '/v1/anything'),
    });
    await fc.assert(
      fc.asyncProperty(cuts, async ({ codings, sizes, path }) => {
        const bytes = encode(Buffer.from(text), codings);
        const upstream: RequestListener = async (_, response) => {
          begin(response, codings.join(', '));
          let at = 0;
          for (const size of sizes) {
            await new Promise<void>((resolve) => response.write(bytes.subarray(at, at + size), () => resolve()));
            at += size;
          }
          response.end(bytes.subarray(at));
        };
        await withGateway(upstream, {}, async ({ gateway, intake }) => {
          assert.deepEqual(await bytesOf(gateway.url, path), { bytes, coding: codings.join(', ') });
          await intake.delivery('run_paused');
          assert.equal(intake.pauses[0]?.key, 'approval:appr_1');
        });
      }),
      { numRuns: runs(60) },
    );
  });

  test('that breaks off at any byte passes on what came before, and its pause is kept where it was whole', async () => {
    const whole = encode(Buffer.from(frame(start) + frame(asked)), ['gzip']);
    const both = Buffer.concat([whole, encode(Buffer.from(frame(complete)), ['gzip'])]);
    for (let at = whole.length; at < both.length; at += 9) {
      const upstream: RequestListener = (_, response) => {
        begin(response, 'gzip');
        response.write(both.subarray(0, at), () => response.destroy());
      };
      await withGateway(upstream, {}, async ({ gateway, intake }) => {
        const response = await open(gateway.url).answer;
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        await new Promise((resolve) => response.on('close', resolve).on('error', () => {}));
        assert.ok(Buffer.concat(chunks).equals(both.subarray(0, at)));
        assert.equal((await intake.delivery('announced')).pause.key, 'approval:appr_1');
      });
    }
  });

  test('that can’t be decoded passes as it came, and a note says that it was not read', async () => {
    for (const [coding, bytes] of [
      ['compress', Buffer.from(frame(start))],
      ['gzip', Buffer.from(frame(start) + frame(asked))],
    ] as const) {
      const upstream: RequestListener = (_, response) => {
        begin(response, coding);
        response.end(bytes);
      };
      await withGateway(upstream, { hold: { on: true } }, async ({ gateway, intake }) => {
        assert.deepEqual(await bytesOf(gateway.url), { bytes, coding });
        const { reason, runId } = await intake.delivery('unfollowed');
        assert.deepEqual([reason, runId], ['unreadable', null]);
      });
    }
  });

  test('a known call requests identity; a server that compresses nonetheless is read, and a held response fits', async () => {
    for (const coding of ['gzip'] as const) {
      const codings: unknown[] = [];
      const upstream: RequestListener = (request, response) => {
        codings.push(request.headers['accept-encoding']);
        if (request.url !== '/v1/dispatch') return sendStream(response, frame(complete));
        begin(response, coding);
        response.end(encode(Buffer.from(frame(start) + frame(asked)), [coding]));
      };
      await withGateway(upstream, { hold: { on: true } }, async ({ gateway, backend, intake, log }) => {
        const headers = { 'accept-encoding': 'gzip, br' };
        const response = await openHeld(gateway.url, '/v1/dispatch', { key: APPLICATION, headers, body: {} });
        const { pause } = await intake.delivery('announced');
        await held({ log });
        await (await backend.decide([decided(pause, 'approve')], never)).follow?.();
        assert.equal(await response.end, 'ended');
        const types = eventsOf(decoded(response.bytes(), coding)).map(({ type }) => type);
        assert.deepEqual(types, ['execution_start', 'approval_start', 'execution_complete'], coding);
        assert.deepEqual(codings, ['identity', 'identity']);
      });
    }
  });

  test('in a coding that ends with its first part is not held: it ends as Runtype ended it', async () => {
    for (const coding of ['deflate', 'br', 'zstd'] as const) {
      const bytes = encode(Buffer.from(frame(start) + frame(asked)), [coding]);
      const upstream: RequestListener = (_, response) => {
        begin(response, coding);
        response.end(bytes);
      };
      await withGateway(upstream, { hold: { on: true } }, async ({ gateway, intake, log }) => {
        assert.deepEqual(await bytesOf(gateway.url), { bytes, coding });
        await intake.delivery('announced');
        assert.match(log.text(), /can’t be held: its encoding/);
      });
    }
  });
});

describe('a compressed answer in one piece', () => {
  const body = { success: true, status: 'paused', executionId: 'exec_1', pausedReason: { approvals: [asked] } };
  const json = { 'content-type': 'application/json' };

  test('is read, and passed on as it came', async () => {
    for (const coding of every) {
      const bytes = encode(Buffer.from(JSON.stringify(body)), [coding]);
      const upstream: RequestListener = (_, response) => {
        begin(response, coding, json);
        response.end(bytes);
      };
      await withGateway(upstream, {}, async ({ gateway, intake }) => {
        assert.deepEqual(await bytesOf(gateway.url), { bytes, coding });
        assert.equal((await intake.delivery('announced')).pause.key, 'approval:appr_1');
      });
    }
  });

  test('is held at its pause, and is plain then', async () => {
    const upstream: RequestListener = (request, response) => {
      if (request.url !== '/v1/dispatch') return sendStream(response, frame(complete));
      begin(response, 'br', json);
      response.end(encode(Buffer.from(JSON.stringify(body)), ['br']));
    };
    await withGateway(upstream, { hold: { on: true } }, async ({ gateway, backend, intake, log }) => {
      const response = await openHeld(gateway.url, '/v1/dispatch', { key: APPLICATION, body: {} });
      const { pause } = await intake.delivery('announced');
      await held({ log });
      await (await backend.decide([decided(pause, 'approve')], never)).follow?.();
      assert.equal(await response.end, 'ended');
      assert.equal(response.headers['content-encoding'], undefined);
      assert.equal((JSON.parse(response.text()) as { result: string }).result, 'Done.');
    });
  });

  test('that becomes too long is passed on unread', async () => {
    const bytes = encode(Buffer.from(`{"text":"${'x'.repeat(5 * 1024 * 1024)}"}`), ['gzip']);
    const upstream: RequestListener = (_, response) => {
      begin(response, 'gzip', json);
      response.end(bytes);
    };
    await withGateway(upstream, { hold: { on: true } }, async ({ gateway, intake }) => {
      assert.ok((await bytesOf(gateway.url)).bytes.equals(bytes));
      assert.deepEqual(intake.pauses, []);
    });
  });
});

test('the answers to our own calls are read, although they are compressed', async () => {
  for (const coding of every) {
    const upstream: RequestListener = (request, response) => {
      if (request.url === '/v1/dispatch') return sendStream(response, frame(start) + frame(asked));
      begin(response, coding);
      response.end(encode(Buffer.from(frame(complete)), [coding]));
    };
    await withGateway(upstream, {}, async ({ gateway, backend, intake }) => {
      await post(gateway.url);
      const { pause } = await intake.delivery('announced');
      await (await backend.decide([decided(pause, 'approve')], never)).follow?.();
      assert.equal((await intake.delivery('run_ended')).text, 'Done.', coding);
    });
  }
});

test('a compressed request is decompressed to find the application’s own tools, and forwarded as it came', async () => {
  for (const coding of every) {
    const received: Buffer[] = [];
    const upstream: RequestListener = async (request, response) => {
      for await (const chunk of request as AsyncIterable<Buffer>) received.push(chunk);
      const own = { type: 'await', executionId: 'exec_1', toolCallId: 't1', toolName: 'pick' };
      response
        .writeHead(200, stream)
        .end(frame(start) + frame(own) + frame({ ...own, toolCallId: 't2', toolName: 'ask' }));
    };
    await withGateway(upstream, {}, async ({ gateway, intake }) => {
      const body = encode(Buffer.from(JSON.stringify({ clientTools: [{ name: 'pick' }] })), [coding]);
      await post(gateway.url, { body, headers: { 'content-encoding': coding } });
      assert.ok(Buffer.concat(received).equals(body));
      await intake.delivery('run_paused');
      assert.deepEqual(
        intake.pauses.map(({ tool }) => tool),
        ['ask'],
        coding,
      );
    });
  }
});
