import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Backend, HttpMount } from '../../src/core/ports/ports.ts';
import { createFleetOfOne } from '../../src/core/ports/store/fleet.ts';
import { Duties } from '../../src/engine/duties.ts';
import { mountsAfter, watchAfter } from '../../src/start/after-recovery.ts';
import { systemClock } from '../../src/system/clock.ts';
import { captureLog } from '../support/log.ts';

const signal = new AbortController().signal;

function mounted() {
  const seen: string[] = [];
  const mount: HttpMount = { prefix: '/v1/', handle: async () => void seen.push('handled') };
  const reply = { destroy: () => void seen.push('destroyed') } as Parameters<HttpMount['handle']>[1];
  const call = (one: HttpMount | undefined) => one?.handle({} as Parameters<HttpMount['handle']>[0], reply, signal);
  return { seen, mount, call };
}

test('calls to a backend that remembers its runs wait until all is recovered, and break where the process stops before', async () => {
  for (const [isComplete, expected] of [
    [true, 'handled'],
    [false, 'destroyed'],
  ] as const) {
    const { seen, mount, call } = mounted();
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const calling = call(mountsAfter(promise, { http: [mount], reconcile: () => [] })[0]);
    await new Promise((done) => setImmediate(done));
    assert.deepEqual(seen, []);
    resolve(isComplete);
    await calling;
    assert.deepEqual(seen, [expected]);
  }
});

test('others do not wait, and nothing waits where all is recovered', async () => {
  const never = new Promise<boolean>(() => {});
  const { mount } = mounted();
  assert.deepEqual(mountsAfter(never, { http: [mount] }), [mount]);
  assert.deepEqual(mountsAfter(null, { http: [mount], reconcile: () => [] }), [mount]);
});

test('backends are watched once all is recovered, and not where the process stops before', async () => {
  for (const [complete, expected] of [
    [null, 1],
    [Promise.resolve(true), 1],
    [Promise.resolve(false), 0],
  ] as const) {
    let watched = 0;
    const watch = async () => {
      watched += 1;
    };
    const duties = new Duties(createFleetOfOne(), systemClock, captureLog().log);
    await watchAfter(complete, { backends: [{ name: 'sonzai', watch } as unknown as Backend], duties }, signal);
    assert.equal(watched, expected);
  }
});
