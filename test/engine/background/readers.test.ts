/** A list shows what its person can read in a room, and nothing that can't be checked. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { directPlace } from '../../../src/core/policy/direct-messages.ts';
import { PlatformError } from '../../../src/core/ports/errors.ts';
import { type AudienceCount, audienceOf } from '../../../src/core/view/lists/audience.ts';
import { createReaders } from '../../../src/engine/background/readers.ts';
import { createTestClock } from '../../support/clock.ts';
import { after, announced, dana, discordRoom, sam, slackRoom } from '../../support/data/pauses.ts';
import { captureLog } from '../../support/log.ts';

const who = { actor: dana, roles: [] };
const other = { ...slackRoom, room: 'C0OTHER' };

function rig(canRead: (room: string) => Promise<boolean>) {
  const asked: string[] = [];
  const clock = createTestClock();
  const slack = {
    canRead: (_: object, room: string) => {
      asked.push(room);
      return canRead(room);
    },
  };
  const readers = createReaders({ platforms: new Map([['slack', slack]]), clock, log: captureLog().log });
  return { readers, asked, clock };
}

const inRooms = (...places: { platform: string; room: string }[]): AudienceCount => ({
  id: 1,
  audience: audienceOf(after(announced({ places }))),
  count: 1,
});

describe('what a person can read', () => {
  test('is in a room that they can read, and each room is checked once', async () => {
    const { readers, asked } = rig(async (room) => room === slackRoom.room);
    const [one, two, three] = [inRooms(slackRoom), inRooms(other), inRooms(other, slackRoom)];
    const { readable, ...left } = await readers.readableBy(who, [one, two, three, one]);
    assert.deepEqual(readable, [one, three, one]);
    assert.deepEqual([left, asked.toSorted()], [{ hidden: 1, unchecked: 0 }, [other.room, slackRoom.room].toSorted()]);
  });

  test('is in their own direct messages, for which nothing is asked, and not in those of others', async () => {
    const { readers, asked } = rig(async () => assert.fail('asked'));
    const [mine, theirs] = [inRooms(directPlace(dana)), inRooms(directPlace({ ...dana, id: 'U0OTHER' }))];
    assert.deepEqual(await readers.readableBy(who, [mine, theirs]), { readable: [mine], hidden: 1, unchecked: 0 });
    assert.deepEqual(asked, []);
  });

  test('is on their own platform', async () => {
    const { readers } = rig(async () => true);
    const elsewhere = inRooms(discordRoom);
    assert.deepEqual(await readers.readableBy(who, [elsewhere]), { readable: [], hidden: 1, unchecked: 0 });
    const { hidden, unchecked } = await readers.readableBy({ actor: sam, roles: [] }, [elsewhere]);
    assert.deepEqual([hidden, unchecked], [0, 1], 'a platform that is not there');
  });

  test('is not what could not be checked', async () => {
    const { readers } = rig(async () => {
      throw new PlatformError('refused', 'missing_scope');
    });
    assert.deepEqual(await readers.readableBy(who, [inRooms(slackRoom)]), { readable: [], hidden: 0, unchecked: 1 });
  });

  test('is not what takes too long to check', async () => {
    const { readers, clock } = rig(() => new Promise(() => {}));
    const answer = readers.readableBy(who, [inRooms(slackRoom)]);
    await new Promise((later) => setImmediate(later));
    clock.advance(1_000);
    assert.deepEqual(await answer, { readable: [], hidden: 0, unchecked: 1 });
  });

  test('is checked in at most 20 rooms', async () => {
    const { readers, asked } = rig(async () => true);
    const many = Array.from({ length: 50 }, (_, at) => inRooms({ ...slackRoom, room: `C${at}` }));
    const { readable, unchecked } = await readers.readableBy(who, many);
    assert.deepEqual([readable.length, unchecked, asked.length], [20, 30, 20]);
  });
});
