import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPlace, isPlain } from '../../../../src/core/mask/context/facts.ts';

test('a plain word, or several', () => {
  for (const text of ['shop', 'PROD', 'all-users', 'wipe_prod', 'orders-2024', 'ProductionCluster', '9000', 'v2'])
    assert.ok(isPlain(text), text);
  for (const text of ['x', 'hunter2', 'x9Kq', 'kJhGfDsAqWxRtYvIoPzXcVbN', 'p@ss', '']) assert.ok(!isPlain(text), text);
});

test('where something is', () => {
  const places =
    '8080:80 0.0.0.0:22:22/tcp 10.0.0.0/8 mallory22@evil.example backup1.evil.example:/srv bob@host:~/x db1:/srv new2.py /srv/x9 ../x9 ~/x9 Reports/Q3x.xlsx localhost:5432/shop db9:5432 fe80::1';
  for (const text of places.split(' ')) assert.ok(isPlace(text), text);
  for (const text of ['hunter2', 'x', '2222', 'Hunter22!', 'p@ss', 'a1b2c3.D4e5', 'x:y', 'Zm9v/bar+baz=='])
    assert.ok(!isPlace(text), text);
});
