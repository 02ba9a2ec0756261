import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createLog } from '../../src/system/log.ts';
import { readableLines } from '../../src/system/readable-log.ts';

async function written(write: (log: ReturnType<typeof createLog>) => void, secrets: string[] = []): Promise<string> {
  let text = '';
  const lines = await readableLines((line) => (text += line), { colour: false });
  write(createLog('debug', secrets, lines));
  return text;
}

describe('the log on a terminal', () => {
  test('has a line of words for each entry, with its fields', async () => {
    const text = await written((log) => log.info({ url: 'http://127.0.0.1:3000', left: { draw: 1 } }, 'ready'));
    assert.match(text, /^\[\d\d:\d\d:\d\d\] INFO: ready \{"url":"http:\/\/127\.0\.0\.1:3000","left":\{"draw":1\}\}\n$/);
  });

  test('shows the control characters of others, and sends none', async () => {
    const bad = 'a\u001b[2J\u0007\u009b31m\u202eb\\u001bc\nINFO: ready';
    const error = new Error(bad);
    const text = await written((log) => {
      log.warn({ reason: bad }, bad);
      log.error({ err: error }, 'failed');
    });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a terminal obeys.
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    assert.equal(text.split('\n').filter((line) => /^(?:\[[\d:]+\] )?INFO/.test(line)).length, 0, text);
  });

  test('has no secret', async () => {
    const text = await written(
      (log) => log.info({ token: 'x', other: 'k3y-s3cret' }, 'with k3y-s3cret'),
      ['k3y-s3cret'],
    );
    assert.doesNotMatch(text, /s3cret|"x"/);
  });
});
