import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BufferBudget } from '../../../../src/core/ports/buffer-budget.ts';
import { mountWebhook, readBounded, type Webhook } from '../../../../src/core/ports/http/webhook.ts';
import { type HttpReply, problem } from '../../../../src/core/ports/http.ts';

async function* chunked(...chunks: string[]): AsyncIterable<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

const call = (method: string, target: string, ...chunks: string[]) => callWith({}, method, target, chunked(...chunks));

async function callWith(
  more: Partial<Webhook>,
  method: string,
  target: string,
  body: AsyncIterable<Uint8Array>,
): Promise<[number, string, string]> {
  const written: string[] = [];
  let head: [number, readonly string[]] = [0, []];
  const reply: HttpReply = {
    start: (status, rawHeaders) => {
      head = [status, rawHeaders];
    },
    write: async (bytes) => void written.push(Buffer.from(bytes).toString()),
    end: () => written.push('.'),
    destroy: () => assert.fail('destroyed'),
  };
  const mount = mountWebhook({
    path: '/hook',
    maxBytes: 6,
    buffers: new BufferBudget(),
    admit: async () => null,
    async receive(headers, bytes) {
      if (bytes === null) return problem(413, 'Content Too Large', 'Too much.');
      return { status: 200, contentType: 'text/plain', body: `${headers['x-id']}:${Buffer.from(bytes)}` };
    },
    ...more,
  });
  const rawHeaders = ['X-Id', 'a'];
  const about = { method, version: '1.1', target, rawHeaders, remoteAddress: '127.0.0.1' };
  const incoming = { ...about, body, answered: Promise.resolve() };
  await mount.handle(incoming, reply, new AbortController().signal);
  const [status, answered] = head;
  return [status, answered.join(' '), written.join('')];
}

describe('a webhook', () => {
  test('is a POST to exactly its path, whole', async () => {
    assert.deepEqual(await call('POST', '/hook?x=1', 'abc', 'def'), [
      200,
      'content-type text/plain content-length 8',
      'a:abcdef.',
    ]);
    for (const [method, target] of [
      ['GET', '/hook'],
      ['POST', '/hook/x'],
    ] as const) {
      const [status, headers, body] = await call(method, target);
      assert.equal(status, 404);
      assert.match(headers, /^content-type application\/problem\+json /);
      assert.equal(body, '{"title":"Not Found","status":404,"detail":"Unknown path."}\n.');
    }
  });

  test('is told when a body is too large, as soon as it is', async () => {
    const [status, , body] = await call('POST', '/hook', 'abc', 'defg', 'h');
    assert.deepEqual([status, body], [413, '{"title":"Content Too Large","status":413,"detail":"Too much."}\n.']);
  });

  test('refuses by the headers before anything of the body is read', async () => {
    async function* unread() {
      yield assert.fail('the body was read');
    }
    const admit = async (headers: Record<string, string>) => problem(401, 'Unauthorized', `Not ${headers['x-id']}.`);
    const [status, , body] = await callWith({ admit }, 'POST', '/hook', unread());
    assert.deepEqual([status, JSON.parse(body.slice(0, -1)).detail], [401, 'Not a.']);
  });

  test('takes its body from the budget until it is answered, and answers 503 when there is no room', async () => {
    const buffers = new BufferBudget(5);
    let kept = 0;
    const receive = async () => {
      kept = buffers.used;
      return problem(200, 'OK', '');
    };
    assert.equal((await callWith({ buffers, receive }, 'POST', '/hook', chunked('abc')))[0], 200);
    assert.deepEqual([kept, buffers.used], [3, 0]);
    const [status, headers, body] = await callWith({ buffers, receive }, 'POST', '/hook', chunked('abcdef'));
    assert.equal(status, 503);
    assert.match(`${headers} ${body}`, /retry-after 5 .*no memory left/);
    await assert.rejects(
      callWith({ buffers, receive: () => Promise.reject(new Error('x')) }, 'POST', '/hook', chunked('a')),
    );
    assert.equal(buffers.used, 0);
  });
});

test('a body is kept up to its limit, and not read beyond it', async () => {
  let read = 0;
  async function* endless() {
    while (read < 1_000) {
      read += 1;
      yield Buffer.from('12345');
    }
  }
  const lease = () => new BufferBudget().lease();
  assert.equal(await readBounded(endless(), 12, lease()), 'too long');
  assert.equal(read, 3);
  assert.deepEqual(await readBounded(chunked('ab', 'cd'), 4, lease()), new Uint8Array(Buffer.from('abcd')));
});
