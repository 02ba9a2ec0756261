import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { withKnownHidden } from '../../../../src/core/approval/pause/hidden-names.ts';
import { type Pause, pauseSchema } from '../../../../src/core/approval/pause/pause.ts';
import { after, announced, pauseOf } from '../../../support/data/pauses.ts';

const later = (call: string, ...names: string[]) => ({ call, names });
const stored = (pause: Partial<Pause>, via: 'stream' | 'ingest' = 'stream') =>
  after(announced({ pause: pauseOf(pause), via }));
const pause = pauseOf({ key: 'approval:2' });

describe('what is hidden of a call', () => {
  test('is what its own announcement says, what an earlier one said, and what others of its run said before it', () => {
    const run = [
      stored({
        key: 'approval:1',
        hidden: ['other'],
        hiddenLater: [later('call_2', 'tenantId'), later('call_3', 'x')],
      }),
      stored({ key: 'approval:2', hidden: ['account'] }),
    ];
    const sent = { ...pause, hidden: ['token'] };
    const { hidden } = withKnownHidden({ pause: sent, via: 'stream', call: 'call_2' }, run);
    assert.deepEqual(hidden, ['token', 'account', 'tenantId']);
    for (const call of ['constructor', '__proto__', '']) {
      assert.deepEqual(withKnownHidden({ pause: sent, via: 'stream', call }, run).hidden, ['token', 'account']);
    }
  });

  test('is nothing else where its announcement names no call: what another backend hides can change', () => {
    const run = [stored({ key: 'approval:2', hidden: ['headers'] })];
    assert.deepEqual(withKnownHidden({ pause, via: 'poll' }, run), pause);
  });

  test('is not what only signed ingest has said, where our own stream announces it', () => {
    const run = [
      stored({ key: 'approval:1', hiddenLater: [later('call_2', 'amount')] }, 'ingest'),
      stored({ key: 'approval:2', hidden: ['orderId'] }, 'ingest'),
    ];
    assert.deepEqual(withKnownHidden({ pause, via: 'stream', call: 'call_2' }, run).hidden, []);
    assert.deepEqual(withKnownHidden({ pause, via: 'ingest', call: 'call_2' }, run).hidden, ['orderId', 'amount']);
  });
});

describe('what is hidden of calls that may be announced later', () => {
  test('stays known where a later announcement of the same pause knows less, with the fields of a newer version', () => {
    const known = { ...later('call_3', 'tenantId'), since: 'the next version' };
    const run = [stored({ key: 'approval:2', hiddenLater: [known] })];
    const again = { ...pause, hiddenLater: [later('call_4', 'y'), later('call_3', 'account')] };
    const { hiddenLater } = withKnownHidden({ pause: again, via: 'stream', call: 'call_2' }, run);
    const joined = [{ ...known, names: ['tenantId', 'account'] }, later('call_4', 'y')];
    assert.deepEqual(hiddenLater, joined);
    assert.deepEqual(pauseSchema.parse({ ...pause, hiddenLater }).hiddenLater, joined);
    assert.deepEqual(withKnownHidden({ pause, via: 'stream', call: 'call_2' }, run).hiddenLater, [known]);
  });

  test('takes little room, however much a backend names: the newest calls stay', () => {
    const many = Array.from({ length: 5_000 }, (_, at) => later(`call_${at}`, 'tenantId'));
    const { hiddenLater = [] } = withKnownHidden({ pause: { ...pause, hiddenLater: many }, via: 'stream' }, []);
    assert.deepEqual(hiddenLater.at(-1), many.at(-1));
    assert.ok(hiddenLater.length > 100);
    assert.ok(JSON.stringify(hiddenLater).length < 9_000);
    const huge = [later('call_1', 'x'.repeat(100_000))];
    assert.equal(withKnownHidden({ pause: { ...pause, hiddenLater: huge }, via: 'stream' }, []).hiddenLater?.length, 0);
  });
});
