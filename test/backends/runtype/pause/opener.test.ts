import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createOpenerHash, storedOpener } from '../../../../src/backends/runtype/pause/opener.ts';
import { isOpenedBy, rememberPause } from '../../../../src/backends/runtype/pause/pause.ts';
import { RunFactsCache } from '../../../../src/backends/runtype/pause/run-facts.ts';
import { approval, awaiting } from '../support/answering.ts';
import { decided } from '../support/backend.ts';

const openerOf = createOpenerHash('secret of one database');
const opener = openerOf('key', 'rt_live_one');
const opened = (by: unknown) => {
  const pause = approval();
  return { ...pause, wire: { ...pause.wire, opener: by } };
};

describe('the hash of an opener', () => {
  test('is the same for the same credential, kind and secret, and for nothing else', () => {
    assert.equal(createOpenerHash('secret of one database')('key', 'rt_live_one'), opener);
    const others = [
      openerOf('key', 'rt_live_on'),
      openerOf('key', ''),
      openerOf('session', 'rt_live_one'),
      createOpenerHash('another')('key', 'rt_live_one'),
    ];
    assert.equal(new Set([opener, ...others]).size, 5);
    assert.ok(!opener.includes('rt_live'));
  });

  test('of an earlier version, or absent, names no one', () => {
    for (const stored of [undefined, null, '', 'V1StGXR8_Z5jdHi6B-myTq', opener.slice(3)]) {
      assert.equal(storedOpener.parse(stored), null);
    }
    assert.equal(storedOpener.parse(opener), opener);
  });
});

describe('a pause', () => {
  test('is its opener’s, for the run that it names', () => {
    assert.ok(isOpenedBy(opener, 'exec_1', opened(opener)));
    assert.ok(!isOpenedBy(opener, 'exec_2', opened(opener)));
    assert.ok(!isOpenedBy(openerOf('key', 'rt_live_two'), 'exec_1', opened(opener)));
  });

  test('without a known opener is no one’s, also not of a caller without a credential', () => {
    for (const by of [undefined, null, '', 'V1StGXR8_Z5jdHi6B-myTq']) {
      for (const caller of [opener, null, '', 'V1StGXR8_Z5jdHi6B-myTq', openerOf('key', '')]) {
        assert.ok(!isOpenedBy(caller, 'exec_1', opened(by)), `${String(by)} by ${String(caller)}`);
      }
    }
    assert.ok(!isOpenedBy(opener, 'exec_1', { wire: { opener, executionId: 'exec_1' } }), 'not a wire of ours');
  });

  test('that is remembered after a start restores its run: the opener, its tools, and the names of its awaits', () => {
    const runFacts = new RunFactsCache();
    const pause = awaiting('t1');
    const wire = { ...pause.wire, opener, clientTools: ['show_cart'] };
    rememberPause(decided({ ...pause, wire }, 'approve'), { runFacts, ingestedFacts: new RunFactsCache() });
    const facts = runFacts.find('exec_1');
    assert.equal(facts?.opener, opener);
    assert.deepEqual([...(facts?.clientTools ?? [])], ['show_cart']);
    assert.deepEqual([...(facts?.awaits.get('pick_slot') ?? [])], [pause.key]);
    assert.ok(runFacts.mayBeOf(opener, 'exec_1') && !runFacts.mayBeOf(null, 'exec_1'));
  });
});
