/** What an open page hears: everything once, then what changed. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createParser } from 'eventsource-parser';
import { createDiff } from '../../../../src/sandbox/page/http/change-feed.ts';
import type { Change } from '../../../../src/sandbox/page/protocol.ts';
import { startPage } from '../support.ts';

describe('the difference between two states', () => {
  test('first everything, then only what is new, other or gone', () => {
    const diff = createDiff();
    const first = new Map<string, unknown>(Object.entries({ a: 1, b: { c: [2] } }));
    assert.deepEqual(diff(first), { reset: true, set: { a: 1, b: { c: [2] } }, drop: [] });
    assert.equal(diff(new Map(first)), null);
    const second = new Map<string, unknown>(Object.entries({ b: { c: [3] }, d: null }));
    assert.deepEqual(diff(second), { reset: false, set: { b: { c: [3] }, d: null }, drop: ['a'] });
  });

  test('nothing at all is still a beginning', () => {
    assert.deepEqual(createDiff()(new Map()), { reset: true, set: {}, drop: [] });
  });
});

const hostile = '</script><img src=x onerror=alert(1)>\r\n\r\nevent: x\ndata: {"reset":true}\n\n';

test('events carry untrusted text as data, and a page that comes later starts anew', async () => {
  const page = await startPage();
  const hangUp = new AbortController();
  const response = await fetch(`${page.url}/events`, { signal: hangUp.signal });
  assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
  const events = readChanges(response);

  const first = await events.next();
  assert.equal(first.value?.reset, true);
  assert.ok(first.value?.set['page']);

  page.slack.say('U0BYSTAND', hostile);
  const second = await events.next();
  const said = Object.entries(second.value?.set ?? {}).filter(([key]) => key.startsWith('slack-message/'));
  assert.equal(second.value?.reset, false);
  assert.deepEqual(
    said.map(([, message]) => (message as { text: string }).text),
    [hostile],
  );
  assert.equal(second.value?.set['page'], undefined, 'what did not change is not sent again');

  hangUp.abort();
  await page.close();
});

test('closing the page ends its open streams', async () => {
  const page = await startPage();
  const response = await fetch(`${page.url}/events`);
  const events = readChanges(response);
  await events.next();
  const ended = (async () => {
    for await (const _ of events);
  })().catch(() => undefined);
  await page.close();
  await ended;
});

async function* readChanges(response: Response): AsyncGenerator<Change> {
  const waiting: Change[] = [];
  const parser = createParser({ onEvent: (event) => waiting.push(JSON.parse(event.data) as Change) });
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    yield* waiting.splice(0);
  }
}
