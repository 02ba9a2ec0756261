/** A Runtype that compresses what it sends, and applications that compress what they send. */
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { describe, test } from 'node:test';
import * as zlib from 'node:zlib';
import type { Compression } from '../../../src/sandbox/emulators/runtype/types.ts';
import { pressDiscord, pressSlack, untilCardsSay } from '../../support/people/room.ts';
import { dana, inWorld, sam, type World } from '../../support/worlds/world.ts';

const always = (coding: Compression['coding']) => ({ runtype: { compression: { coding, always: true } } });

/** Dispatches without decompressing the answer. */
function dispatch(world: World, body: object, headers: Record<string, string> = {}, bytes?: Buffer) {
  return new Promise<{ bytes: Buffer; coding: string | undefined }>((resolve, reject) => {
    const outgoing = httpRequest(`http://127.0.0.1:${world.app().port}/v1/dispatch`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${world.runtype.applicationKey}`,
        'content-type': 'application/json',
        'accept-encoding': 'gzip, br',
        ...headers,
      },
    });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ bytes: Buffer.concat(chunks), coding: response.headers['content-encoding'] }));
      response.on('error', reject);
    });
    outgoing.end(bytes ?? JSON.stringify(body));
  });
}

const refund = { agent: { agentId: 'refund-agent' }, messages: [{ role: 'user', content: 'Go.' }] };

describe('a Runtype that compresses', () => {
  test('when it may: identity is requested, so the held stream stays plain', () =>
    inWorld(
      async (world) => {
        const answer = dispatch(world, refund);
        await pressSlack(world, dana, await world.slackCard(), 'Approve');
        const { bytes, coding } = await answer;
        assert.equal(coding, undefined);
        assert.match(bytes.toString(), /execution_complete/);
        await untilCardsSay(world, 'Approved by Dana Reyes');
      },
      { runtype: { compression: { coding: 'gzip' } } },
    ));

  test('whatever is requested: with gzip the held stream continues in gzip', () =>
    inWorld(async (world) => {
      const answer = dispatch(world, refund);
      await pressSlack(world, dana, await world.slackCard(), 'Approve');
      const { bytes, coding } = await answer;
      assert.equal(coding, 'gzip');
      const text = zlib.gunzipSync(bytes).toString();
      assert.equal(text.match(/^event: execution_start$/gm)?.length, 1);
      assert.match(text, /execution_complete/);
      await untilCardsSay(world, 'Approved by Dana Reyes');
    }, always('gzip')));

  for (const coding of ['deflate', 'br', 'zstd'] as const) {
    test(`whatever is requested: with ${coding} the card is decided all the same`, () =>
      inWorld(async (world) => {
        const { coding: given } = await dispatch(world, refund);
        assert.equal(given, coding);
        await pressDiscord(world, sam, await world.discordCard(), 'Approve');
        await untilCardsSay(world, 'Approved by Sam Okafor');
        await world.until('the run to be complete', () =>
          world.runtype.runs().find(({ state }) => state === 'complete'),
        );
      }, always(coding)));
  }

  test('one JSON body, which its application gets after the decision', () =>
    inWorld(async (world) => {
      const answer = dispatch(world, { ...refund, streamResponse: false });
      await pressSlack(world, dana, await world.slackCard(), 'Approve');
      const { bytes, coding } = await answer;
      assert.equal(coding, undefined);
      assert.match(bytes.toString(), /Refunded/);
    }, always('br')));
});

test('the tools of an application that compresses its request get no card', () =>
  inWorld(
    async (world) => {
      const body = { flow: { id: 'slot-flow' }, clientTools: [{ name: 'pick_slot' }] };
      const bytes = zlib.gzipSync(JSON.stringify(body));
      const answer = await dispatch(world, body, { 'content-encoding': 'gzip' }, bytes);
      assert.match(answer.bytes.toString(), /await/);
      const card = dispatch(world, refund);
      await pressSlack(world, dana, await world.slackCard(), 'Approve');
      await card;
      assert.equal(
        world.slack.state().messages.filter(({ blocks }) => JSON.stringify(blocks).includes('slot')).length,
        0,
      );
    },
    { runtype: { readsCompressed: true } },
  ));
