import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { pump } from '../../../../../src/backends/runtype/gateway/answer/pump.ts';

const source = () => new Readable({ read() {} });

describe('a body', () => {
  test('is taken in order, and what arrives in one turn together', async () => {
    const body = source();
    const taken: string[] = [];
    const done = pump(body, (pieces) => {
      taken.push(Buffer.concat(pieces).toString());
      return undefined;
    });
    body.push('a');
    await new Promise(setImmediate);
    body.push('b');
    body.push('c');
    await new Promise(setImmediate);
    body.push('d');
    body.push(null);
    await done;
    assert.deepEqual(taken, ['a', 'bc', 'd']);
  });

  test('waits for who takes it', async () => {
    const body = source();
    const taken: string[] = [];
    const waits: PromiseWithResolvers<void>[] = [];
    const done = pump(body, (pieces) => {
      taken.push(Buffer.concat(pieces).toString());
      const wait = Promise.withResolvers<void>();
      waits.push(wait);
      return wait.promise;
    });
    for (const piece of ['a', 'b', 'c']) {
      body.push(piece);
      await new Promise(setImmediate);
    }
    body.push(null);
    assert.deepEqual([taken, body.isPaused()], [['a'], true]);
    waits[0]?.resolve();
    await new Promise(setImmediate);
    assert.equal(taken.join(''), 'abc');
    for (const wait of waits) wait.resolve();
    while (taken.join('') !== 'abc' || !body.readableEnded) {
      await new Promise(setImmediate);
      for (const wait of waits) wait.resolve();
    }
    await done;
  });

  test('that breaks off rejects, after all that arrived was taken', async () => {
    const body = source();
    let taken = '';
    const done = pump(body, (pieces) => {
      taken += Buffer.concat(pieces).toString();
      return undefined;
    });
    body.push('a');
    body.destroy(new Error('reset'));
    await assert.rejects(done, /reset/);
    const gone = source();
    gone.destroy();
    await assert.rejects(
      pump(gone, () => undefined),
      /broke off/,
    );
    assert.ok(taken === '' || taken === 'a');
  });

  test('is destroyed when it can’t be taken', async () => {
    const body = source();
    const done = pump(body, () => Promise.reject(new Error('full')));
    body.push('a');
    await assert.rejects(done, /full/);
    assert.ok(body.destroyed);
  });
});
