/** What is read from connections stays as it is, although all of them read into the same block. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { free } from '../../../../src/backends/shared/http/reading.ts';
import { createTransport, type Incoming } from '../../../../src/backends/shared/transport.ts';

const CALLERS = 3;
const KB = 1024;

/** Answers of a server that writes to each of them what `part` says, in turns. */
async function withAnswers(
  part: (caller: number, turn: number) => Buffer,
  turns: number,
  use: (answers: Incoming[]) => Promise<void>,
): Promise<void> {
  const responses: ServerResponse[] = [];
  const server = createServer((_, response) => {
    response.flushHeaders();
    responses.push(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const transport = createTransport(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { connectMs: 2_000 });
  const call = { method: 'GET', path: '/', rawHeaders: [], body: null, fresh: false, headersMs: 2_000 };
  const answers: Incoming[] = [];
  for (let caller = 0; caller < CALLERS; caller += 1) answers.push(await transport.send(call));
  for (let turn = 0; turn < turns; turn += 1) responses.forEach((response, at) => void response.write(part(at, turn)));
  for (const response of responses) response.end();
  await use(answers).finally(() => {
    transport.close();
    server.close();
  });
}

/** Of several sizes, below and above those of the blocks. */
const part = (caller: number, turn: number) =>
  Buffer.alloc([9, 700, 5 * KB, 70 * KB, 200 * KB][turn % 5] ?? 0, caller * 50 + turn);
const TURNS = 20;
const digest = (bytes: Buffer) => hash('sha256', bytes);
const wholes = Array.from({ length: CALLERS }, (_, caller) =>
  digest(Buffer.concat(Array.from({ length: TURNS }, (_, turn) => part(caller, turn)))),
);

describe('the pieces of an answer', () => {
  test('stay as they are while others are read', () =>
    withAnswers(part, TURNS, async (answers) => {
      const read = await Promise.all(answers.map(({ body }) => body.toArray() as Promise<Buffer[]>));
      assert.deepEqual(
        read.map((pieces) => digest(Buffer.concat(pieces))),
        wholes,
      );
    }));

  test('stay as they are while their reader waits', () =>
    withAnswers(part, TURNS, async (answers) => {
      const [waiting, ...others] = answers;
      assert.ok(waiting);
      const pieces: Buffer[] = [];
      for await (const piece of waiting.body as AsyncIterable<Buffer>) {
        pieces.push(piece);
        if (pieces.length === 1) await Promise.all(others.map(({ body }) => body.toArray()));
        await new Promise(setImmediate);
      }
      assert.equal(digest(Buffer.concat(pieces)), wholes[0]);
    }));

  test('may be freed, one without the others', () =>
    withAnswers(part, TURNS, async (answers) => {
      const read = await Promise.all(
        answers.map(async ({ body }) => {
          const copies: Buffer[] = [];
          for await (const piece of body as AsyncIterable<Buffer>) {
            copies.push(Buffer.from(piece));
            free(piece);
          }
          return Buffer.concat(copies);
        }),
      );
      assert.deepEqual(read.map(digest), wholes);
    }));
});

test('what is freed is empty, except where it is a part of something else', () => {
  const block = Buffer.allocUnsafeSlow(64 * KB);
  const piece = block.subarray(0, 32 * KB);
  free(piece);
  assert.equal(piece.length, 32 * KB);
  free(block);
  assert.deepEqual([block.length, piece.length], [0, 0]);
});
