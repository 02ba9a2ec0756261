import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text as textOf } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { createLog } from '../../src/system/log.ts';
import { readableLines } from '../../src/system/readable-log.ts';

/** More than a pipe holds. */
const LINES = 1_000;
/** Longer than the lines take until the pipe is full. */
const SLOW_MS = 1_000;

async function written(write: (log: ReturnType<typeof createLog>) => void, secrets: string[] = []): Promise<string> {
  let text = '';
  const lines = await readableLines({ write: (line) => (text += line) }, { colour: false });
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

  test('loses no line on a pipe that is read slowly', async () => {
    const module = (name: string) => JSON.stringify(import.meta.resolve(`../../src/system/${name}.ts`));
    // Asking for isTTY makes a pipe non-blocking: it can be full.
    const program = `
      import { createLog, standardOutput } from ${module('log')};
      import { readableLines } from ${module('readable-log')};
      const log = createLog('info', [], await readableLines(standardOutput(), { colour: process.stdout.isTTY === true }));
      for (let line = 0; line < ${LINES}; line += 1) log.info({ line }, 'x'.repeat(200));`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'close');
    await setTimeout(SLOW_MS);
    const text = await textOf(child.stdout);
    assert.deepEqual(await ended, [0, null]);
    assert.equal(text.trimEnd().split('\n').length, LINES);
  });
});
