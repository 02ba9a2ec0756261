/** An outcome on its way to the asker's callback, through the outbox. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readText, withServer } from '../../runtype/support/backend.ts';
import { ASK, withInbox } from '../support.ts';
import { CALLBACK_SECRET } from './support.ts';

function withHook(statuses: number[], use: (hook: { url: string; host: string; ids: string[] }) => Promise<void>) {
  const ids: string[] = [];
  return withServer(
    async (request, response) => {
      await readText(request);
      ids.push(String(request.headers['webhook-id']));
      response.writeHead(statuses.shift() ?? 204).end();
    },
    ({ url, port }) => use({ url: `${url}/hook`, host: `127.0.0.1:${port}`, ids }),
  );
}

describe('a callback through the outbox', () => {
  const inboxFor = (host: string) => ({
    askers: [{ name: 'deploy', tokens: [ASK], hosts: [host], secret: CALLBACK_SECRET }],
    allowLoopback: true,
  });

  test('is retried until it is accepted, and the item is not "approved" before', () =>
    withHook([503], ({ url, host, ids }) =>
      withInbox({ inbox: inboxFor(host) }, async ({ call, create, press, changes, logText, clock }) => {
        const id = await create({ callback_url: url });
        await press(0, 'approve');
        await changes.until('its retry', () => logText().includes('job will be retried') || undefined);
        assert.equal((await call('GET', `/${id}`)).body.status, 'pending');
        const waiting = call('GET', `/${id}?wait=60`);
        clock.advance(30_000);
        const { body } = await waiting;
        assert.deepEqual([body.status, body.callback_url], ['approved', url]);
        assert.equal(ids.length, 2);
        assert.equal(ids[0], ids[1]);
      }),
    ));

  test('that is refused shows on the card and in the item, and a person may try again', () =>
    withHook([410], ({ url, host, ids }) =>
      withInbox({ inbox: inboxFor(host) }, async ({ call, create, press, card, changes, cards }) => {
        const id = await create({ callback_url: url });
        await press(0, 'reject', 'No');
        const { body } = await call('GET', `/${id}?wait=60`);
        assert.deepEqual([body.status, body.reason], ['failed', 'No']);
        assert.match(body.detail, /410/);
        await changes.until(
          'the button',
          () => cards[0]?.at(-1)?.buttons.some(({ action }) => action === 'retry') || undefined,
        );
        assert.match((await card()).summary, /Not delivered/);
        assert.equal(ids.length, 1);
      }),
    ));
});
