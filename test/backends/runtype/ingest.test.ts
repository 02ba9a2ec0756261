import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import type { RuntypeOptions } from '../../../src/backends/runtype/index.ts';
import { INGEST_MAX_BYTES } from '../../../src/backends/runtype/ingest.ts';
import { SetupError, StoreError } from '../../../src/core/ports/errors.ts';
import { postTo } from '../../support/http.ts';
import { type Bench, SECRET, withBackend } from './support/backend.ts';

const OTHER_SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
const JSON_TYPE = 'application/json';

const asked = {
  type: 'approval_start',
  executionId: 'exec_1',
  approvalId: 'appr_1',
  toolName: 'refund_order',
  parameters: { orderId: 'A-1009' },
};
const awaiting = (toolCallId: string) => ({ type: 'await', executionId: 'exec_1', toolName: 'pick_slot', toolCallId });

interface Sent {
  type?: string | null;
  id?: string;
  /** Seconds from now. */
  age?: number;
  secret?: string;
  signature?: (correct: string) => string;
  headers?: Record<string, string>;
}

function ingest({ backend, clock }: Bench, body: string | Buffer, sent: Sent = {}) {
  const { type = JSON_TYPE, id = 'msg_1', age = 0, secret = SECRET, signature = (correct: string) => correct } = sent;
  const at = new Date(clock.now() - age * 1000);
  const bytes = Buffer.from(body);
  const headers: Record<string, string> = {
    ...(type !== null && { 'Content-Type': type }),
    'webhook-id': id,
    'webhook-timestamp': String(at.getTime() / 1000),
    'webhook-signature': signature(new Webhook(secret).sign(id, at, bytes.toString())),
    ...sent.headers,
  };
  return postTo(backend, '/ingest/runtype', headers, bytes);
}

/** How many events were taken. */
async function accepted(answer: ReturnType<typeof ingest>): Promise<number> {
  const { status, body } = await answer;
  assert.equal(status, 202, body);
  return JSON.parse(body).accepted;
}

const alone = <T>(use: (bench: Bench) => Promise<T>, more: Partial<RuntypeOptions> = {}) =>
  withBackend('http://127.0.0.1:1', more, use);

async function refusal(answer: ReturnType<typeof ingest>): Promise<[number, string]> {
  const { status, headers, body } = await answer;
  assert.equal(headers['content-type'], 'application/problem+json', body);
  return [status, JSON.parse(body).detail];
}

describe('signatures', () => {
  const one = JSON.stringify(asked);

  test('a signature computed here, without the library', async () => {
    await alone(async (bench) => {
      const at = bench.clock.now() / 1000;
      const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
      const mac = createHmac('sha256', key).update(`msg_1.${at}.${one}`).digest('base64');
      assert.equal(await accepted(ingest(bench, one, { signature: () => `v1,${mac}` })), 1);
    });
  });

  test('among several, old and new: one that fits is enough', async () => {
    await alone(async (bench) => {
      const rotated = (correct: string) => `v1,AAAA v1a,unknown ${correct} v1,`;
      assert.equal((await ingest(bench, one, { signature: rotated })).status, 202);
    });
    await alone(
      async (bench) => {
        assert.equal((await ingest(bench, one, { secret: SECRET })).status, 202);
        assert.equal((await ingest(bench, one, { secret: OTHER_SECRET })).status, 202);
      },
      { ingestSecret: `${OTHER_SECRET} ${SECRET}` },
    );
  });

  const wrong: [string, Sent, RegExp][] = [
    ['another secret', { secret: OTHER_SECRET }, /No signature matches/],
    ['no version', { signature: (correct) => correct.replace('v1,', '') }, /No signature matches/],
    ['another version', { signature: (correct) => correct.replace('v1,', 'v2,') }, /No signature matches/],
    ['cut short', { signature: (correct) => correct.slice(0, -3) }, /No signature matches/],
    ['of another id', { headers: { 'webhook-id': 'msg_2' } }, /No signature matches/],
    ['too old', { age: 301 }, /more than five minutes old/],
    ['from the future', { age: -301 }, /more than five minutes in the future/],
    ['no time', { headers: { 'webhook-timestamp': 'now' } }, /not a number of seconds/],
    [
      'missing',
      { headers: { 'webhook-signature': '', 'webhook-id': ' ' } },
      /Missing header: webhook-id, webhook-signature/,
    ],
    ['an endless id', { id: 'x'.repeat(300) }, /longer than 256/],
  ];
  for (const [name, sent, problem] of wrong) {
    test(`refused: ${name}`, async () => {
      await alone(async (bench) => {
        const [status, reason] = await refusal(ingest(bench, one, sent));
        assert.equal(status, 401);
        assert.match(reason, problem);
        assert.deepEqual(bench.intake.deliveries, []);
        assert.doesNotMatch(bench.log.text() + reason, /whsec|v1,/);
      });
    });
  }

  test('just within the age', async () => {
    await alone(async (bench) => {
      for (const age of [300, -300]) assert.equal((await ingest(bench, one, { age })).status, 202);
    });
  });

  test('a changed body', async () => {
    await alone(async (bench) => {
      const [status] = await refusal(
        ingest(bench, one, {
          signature: () => new Webhook(SECRET).sign('msg_1', new Date(bench.clock.now()), `${one} `),
        }),
      );
      assert.equal(status, 401);
    });
  });

  test('without a secret nothing is taken; with a broken one nothing starts', async () => {
    await alone(async (bench) => assert.match((await refusal(ingest(bench, one)))[1], /INGEST_SECRET is not set/), {
      ingestSecret: null,
    });
    for (const ingestSecret of ['whsec_***', '', 'whsec_']) {
      const starting = alone(async () => {}, { ingestSecret });
      await assert.rejects(
        starting,
        (error: unknown) => error instanceof SetupError && /INGEST_SECRET/.test(error.message),
      );
    }
  });
});

describe('what is taken', () => {
  test('one event: it is announced under an id that repeats with its delivery', async () => {
    await alone(async (bench) => {
      for (let count = 0; count < 2; count += 1) {
        assert.equal(await accepted(ingest(bench, JSON.stringify(asked), { id: 'msg_7' })), 1);
      }
      const [first, second, ...others] = bench.intake.deliveries;
      assert.deepEqual(others, []);
      assert.deepEqual(first, second);
      assert.ok(first?.type === 'announced');
      const { pause, ...way } = first;
      assert.deepEqual(way, { type: 'announced', via: 'ingest', streamOpen: false, inputId: 'ingest:msg_7:0' });
      assert.deepEqual(
        [pause.key, pause.tool, pause.parameters],
        ['approval:appr_1', 'refund_order', { orderId: 'A-1009' }],
      );
    });
  });

  test('several: awaits share a group, which is the same the next time', async () => {
    const events = [awaiting('t1'), { type: 'ping' }, awaiting('t2')];
    await alone(async (bench) => {
      assert.equal(await accepted(ingest(bench, JSON.stringify(events))), 3);
      const lines = events.map((event) => JSON.stringify(event)).join('\n');
      await ingest(bench, `${lines}\n`, { type: 'application/x-ndjson' });
      const announced = bench.intake.deliveries.map(
        (one) => one.type === 'announced' && [one.pause.groupId, one.inputId],
      );
      const expected = [
        ['ingest:msg_1:exec_1', 'ingest:msg_1:0'],
        ['ingest:msg_1:exec_1', 'ingest:msg_1:2'],
      ];
      assert.deepEqual(announced, [...expected, ...expected]);
    });
  });

  for (const [name, said] of [
    ['refund-to-pause', ['announced']],
    ['awaits', ['announced', 'announced']],
    ['refund-continuation', ['resolved', 'run_ended']],
    ['legacy-flow-approval', ['announced']],
  ] as const) {
    test(`a forwarded stream: ${name}`, async () => {
      const stream = readFileSync(new URL(`../../fixtures/runtype/${name}.sse`, import.meta.url));
      await alone(async (bench) => {
        assert.equal((await ingest(bench, stream, { type: 'text/event-stream; charset=utf-8' })).status, 202);
        assert.deepEqual(
          bench.intake.deliveries.map(({ type }) => type),
          said,
        );
      });
    });
  }

  test('what a stream knows is joined: names and hidden parameters', async () => {
    const stream = readFileSync(new URL('../../fixtures/runtype/refund-to-pause.sse', import.meta.url));
    await alone(async (bench) => {
      await ingest(bench, stream, { type: 'text/event-stream' });
      const [pause] = bench.intake.pauses;
      assert.deepEqual([pause?.asker, pause?.hidden], ['Order desk', ['tenantId']]);
    });
  });

  test('by its content, where the sender gives no type', async () => {
    const line = JSON.stringify(asked);
    const bodies = [
      line,
      ` [${line}]`,
      `${line}\n${line}\n`,
      `data: ${line}\n\n`,
      `: hi\nevent: x\ndata: ${line}`,
      `event: approval_start\r\ndata: ${line}\r\n\r\n`,
    ];
    for (const body of bodies) {
      for (const type of [null, 'application/octet-stream']) {
        await alone(async (bench) => {
          assert.equal((await ingest(bench, body, { type })).status, 202, body);
          assert.ok(bench.intake.pauses.length >= 1, body);
        });
      }
    }
  });

  test('every event of both vocabularies', async () => {
    for (const vocabulary of ['unified', 'legacy']) {
      const text = readFileSync(new URL(`../../fixtures/runtype/${vocabulary}.ndjson`, import.meta.url), 'utf8');
      await alone(async (bench) => {
        const lines = text.trimEnd().split('\n').length;
        assert.equal(await accepted(ingest(bench, text, { type: 'application/x-ndjson' })), lines);
        assert.ok(bench.intake.pauses.length >= 5);
      });
    }
  });
});

describe('what is refused whole', () => {
  const good = JSON.stringify(asked);
  const cases: [string, string | Buffer, string, RegExp][] = [
    ['broken JSON', '{', JSON_TYPE, /The body is not valid JSON/],
    ['nothing', '', JSON_TYPE, /The body is not valid JSON/],
    ['no object', '7', JSON_TYPE, /The event is not an object with a type/],
    ['no type', JSON.stringify([asked, {}]), JSON_TYPE, /Event 2 is not an object with a type/],
    [
      'a pause without its id',
      '{"type":"approval_start"}',
      JSON_TYPE,
      /The event can’t be read \(approval_start: approvalId\)/,
    ],
    ['a broken line', `${good}\n\n{broken`, 'application/x-ndjson', /Line 3 is not valid JSON/],
    ['a broken event', `data: ${good}\n\ndata: {broken\n\n`, 'text/event-stream', /Event 2 is not valid JSON/],
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), JSON_TYPE, /not UTF-8/],
  ];
  for (const [name, body, type, problem] of cases) {
    test(name, async () => {
      await alone(async (bench) => {
        const [status, reason] = await refusal(ingest(bench, body, { type }));
        assert.equal(status, 400);
        assert.match(reason, problem);
        assert.deepEqual(bench.intake.deliveries, [], 'not even the good part');
      });
    });
  }

  test('too much', async () => {
    const fits = JSON.stringify({ ...asked, note: '' });
    const note = 'x'.repeat(INGEST_MAX_BYTES - fits.length);
    await alone(async (bench) => {
      assert.equal((await ingest(bench, JSON.stringify({ ...asked, note }))).status, 202);
      assert.equal((await refusal(ingest(bench, JSON.stringify({ ...asked, note: `${note}x` }))))[0], 413);
    });
  });

  test('what can’t be recorded rejects, so that it is sent again', async () => {
    await alone(async (bench) => {
      bench.intake.onDeliver = () => {
        throw new StoreError('disk full');
      };
      await assert.rejects(ingest(bench, good), StoreError);
    });
  });
});

test('a delivery after a pause seen on a stream has the same key', async () => {
  await alone(async (bench) => {
    await ingest(bench, JSON.stringify(awaiting('toolu_9')));
    assert.equal(bench.intake.pauses[0]?.key, 'await:exec_1:toolu_9');
  });
});
