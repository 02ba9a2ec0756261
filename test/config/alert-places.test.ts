import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAlertPlaces } from '../../src/config/alert-places.ts';
import { ids } from '../support/ids.ts';

test('places are named by id', () => {
  assert.deepEqual(parseAlertPlaces('slack:C0123, discord:456', ids), [
    { platform: 'slack', room: 'C0123' },
    { platform: 'discord', room: '456' },
  ]);
  assert.deepEqual(parseAlertPlaces('', ids), []);
  for (const wrong of ['slack:general', 'discord:C1', 'email:me', 'toString:x', 'C0123', 'slack:C1:2']) {
    assert.throws(() => parseAlertPlaces(wrong, ids), /is not a valid place/, wrong);
  }
});
