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
    ['no version', { signature: (correct) => correct.replace('v1,', '') }, /no signature of version 1/],
    ['another version', { signature: (correct) => correct.replace('v1,', 'v2,') }, /no signature of version 1/],
    ['cut short', { signature: (correct) => correct.slice(0, -3) }, /no signature of version 1/],
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
      assert.deepEqual(way, {
        type: 'announced',
        via: 'ingest',
        streamOpen: false,
        inputId: 'ingest:msg_7:0',
        source: { id: 'runtype:ingest', name: 'Signed ingest' },
      });
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

describe('what can’t be read is skipped, and keeps no other event from its card', () => {
  const good = JSON.stringify(asked);
  const spoiled = Buffer.concat([
    Buffer.from('{"type":"ping","x":"'),
    Buffer.from([0xff]),
    Buffer.from(`"}\n${good}\n`),
  ]);
  const cases: [string, string | Buffer, string | null, number, RegExp][] = [
    ['a broken line', `{broken\n${good}\n7\n`, 'application/x-ndjson', 2, /Line 1 is not valid JSON/],
    ['a broken line under no name', `{broken}\n${good}\n{"type":`, null, 2, /Line 1 is not valid JSON/],
    ['a line that is not UTF-8', spoiled, 'application/x-ndjson', 1, /Line 1 is not valid JSON in UTF-8/],
    ['an event that is not JSON', `data: {broken\n\ndata: ${good}\n\n`, 'text/event-stream', 1, /Event 1 is not valid/],
    [
      'an element that is not an object',
      JSON.stringify([7, asked, null, {}]),
      JSON_TYPE,
      3,
      /Event 1 is not an object/,
    ],
  ];
  for (const [name, body, type, skipped, problem] of cases) {
    test(name, async () => {
      await alone(async (bench) => {
        const { status, body: text } = await ingest(bench, body, { type });
        const answer = JSON.parse(text);
        assert.deepEqual([status, answer.accepted, answer.skipped], [202, 1, skipped], text);
        assert.match(answer.problems[0], problem);
        assert.deepEqual(
          bench.intake.pauses.map(({ key }) => key),
          ['approval:appr_1'],
        );
        assert.doesNotMatch(bench.log.text() + text, /broken/);
      });
    });
  }

  test('an unknown verdict closes its card in the backend’s words, beside a new pause', async () => {
    const words: [string, RegExp][] = [
      ['"cancelled"', /^Runtype says: “cancelled”\.$/],
      ['"by “Bob” \u202e\\n"', /^Runtype says: “by "Bob" ⟨U\+202E⟩.*”\.$/],
      ['7.0', /“7\.0”/],
      ['{"a":1}', /“\{"a":1\}”/],
      ['null', /^Runtype does not say how\.$/],
      ['""', /^Runtype does not say how\.$/],
    ];
    for (const [decision, reason] of words) {
      const complete = `{"type":"approval_complete","executionId":"exec_1","approvalId":"appr_0","decision":${decision}}`;
      await alone(async (bench) => {
        assert.equal(await accepted(ingest(bench, `${complete}\n${good}`, { type: 'application/x-ndjson' })), 2);
        const [first, second] = bench.intake.deliveries;
        assert.ok(first?.type === 'resolved' && second?.type === 'announced');
        assert.deepEqual([first.key, first.verdict], ['approval:appr_0', null]);
        assert.match(first.reason ?? '', reason);
      });
    }
  });

  test('one that may be a pause is said in the rooms', async () => {
    await alone(async (bench) => {
      const broken = '{"type":"approval_start","approvalId":"appr_2",';
      assert.equal(await accepted(ingest(bench, `${good}\n${broken}`, { type: 'application/x-ndjson' })), 1);
      assert.deepEqual(bench.intake.deliveries.at(-1), {
        type: 'unfollowed',
        backend: 'runtype',
        runId: 'exec_1',
        reason: 'unreadable',
        name: null,
        via: 'ingest',
      });
    });
  });

  test('a pause that says too little has a card without buttons', async () => {
    await alone(async (bench) => {
      const events = [
        { type: 'approval_start', toolCallId: 't' },
        { type: 'await' },
        { type: 'approval_request', approvalId: 'x' },
      ];
      assert.equal(await accepted(ingest(bench, JSON.stringify(events))), 3);
      const [card, ...notes] = bench.intake.deliveries;
      assert.ok(card?.type === 'announced');
      assert.deepEqual([card.pause.missing, card.pause.actions], ['run', []]);
      assert.deepEqual(
        notes.map((note) => note.type === 'unfollowed' && note.reason),
        ['no_id', 'unknown_type'],
      );
    });
  });
});

describe('what is refused whole', () => {
  const good = JSON.stringify(asked);
  const cases: [string, string | Buffer, string, RegExp][] = [
    ['broken JSON', '{', JSON_TYPE, /The body is not valid JSON/],
    ['nothing', '', JSON_TYPE, /The body is not valid JSON/],
    ['no object', '7', JSON_TYPE, /The event is not an object with a type/],
    ['no type', JSON.stringify([{}, 7]), JSON_TYPE, /Event 1 is not an object with a type\. Send Runtype’s events/],
    ['broken lines', '{broken\n\nbroken', 'application/x-ndjson', /Line 1 is not valid JSON/],
    ['broken events', 'data: {broken\n\ndata: 7\n\n', 'text/event-stream', /Event 1 is not valid JSON/],
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), JSON_TYPE, /not valid JSON in UTF-8/],
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
