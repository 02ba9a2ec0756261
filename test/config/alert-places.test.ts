import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAlertPlaces } from '../../src/config/alert-places.ts';

test('places are named by id', () => {
  assert.deepEqual(parseAlertPlaces('slack:C0123, discord:456'), [
    { platform: 'slack', room: 'C0123' },
    { platform: 'discord', room: '456' },
  ]);
  assert.deepEqual(parseAlertPlaces(''), []);
  for (const wrong of ['slack:general', 'discord:C1', 'email:me', 'toString:x', 'C0123', 'slack:C1:2']) {
    assert.throws(() => parseAlertPlaces(wrong), /is not a valid place/, wrong);
  }
});
