/** `npm run sonzai -- create`: a process with an exit code, towards the sandbox's Sonzai. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { describe, test } from 'node:test';
import { readDraft, UsageError } from '../../src/cli/sonzai-args.ts';
import { createSonzaiEmulator } from '../../src/sandbox/emulators/sonzai/index.ts';
import type { SonzaiEmulator } from '../../src/sandbox/emulators/sonzai/types.ts';
import { draftOf } from '../backends/sonzai/support.ts';
import { compileCache, scriptFile } from '../support/child.ts';

const file = scriptFile('src/cli/sonzai.ts');
const noFile = () => Promise.reject(new Error('no such file'));
const CREATE = 'POST /api/v1/approvals';

async function run(args: string[], environment: Record<string, string>, stdin = '') {
  // In another folder, so that our .env is not read.
  const child = spawn(process.execPath, [file, ...args], { cwd: tmpdir(), env: { ...compileCache, ...environment } });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said.err += text;
  });
  child.stdin.on('error', () => {}).end(stdin);
  const [code] = await once(child, 'close');
  return { code, ...said };
}

async function withEmulator(use: (sonzai: SonzaiEmulator, environment: Record<string, string>) => Promise<void>) {
  const sonzai = await createSonzaiEmulator();
  try {
    await use(sonzai, { SONZAI_API_URL: sonzai.url, SONZAI_TOKEN: sonzai.token });
  } finally {
    await sonzai.close();
  }
}

const item = JSON.stringify(draftOf('Bo Li'));
const args = ['create', '--item', '-'];

describe('npm run sonzai -- create', () => {
  test('creates an item and prints its ID; options override the JSON', () =>
    withEmulator(async (sonzai, environment) => {
      const more = [
        '--contact-name',
        'Ana',
        '--agent_name',
        'Rana',
        '--tag',
        'vip',
        '--tag',
        'eu',
        '--confidence',
        '1',
      ];
      const { code, out, err } = await run([...args, ...more, '--payload', '{"text":"10% off"}'], environment, item);
      const [made] = sonzai.items();
      assert.deepEqual([code, out, err], [0, `${made?.approval_id}\n`, '']);
      const { contact_name, tags, confidence, payload, context } = made ?? {};
      const expected = ['Ana', ['vip', 'eu'], 1, { text: '10% off' }, 'c'];
      assert.deepEqual([contact_name, tags, confidence, payload, context], expected);
    }));

  test('exits 1 on a refusal, with the problem and the setting', () =>
    withEmulator(async (sonzai, environment) => {
      const { code, out, err } = await run(args, { ...environment, SONZAI_TOKEN: 'sk_wrong' }, item);
      assert.deepEqual([code, out], [1, '']);
      assert.match(err, /^Sonzai answered 401: .*Check SONZAI_TOKEN\.\n$/);
      assert.doesNotMatch(err, /sk_wrong|at .*\.ts/);
      const errors = [{ message: 'expected string', location: 'body.channel', value: 's3cret' }];
      const body = { title: 'Unprocessable Entity', status: 422, detail: 'validation failed', errors };
      sonzai.fail(CREATE, { kind: 'status', status: 422, when: 'before', body });
      const problem = await run(args, environment, item);
      assert.deepEqual(
        [problem.code, problem.err],
        [1, 'Sonzai answered 422: validation failed (body.channel: expected string)\n'],
      );
      assert.equal(sonzai.items().length, 0);
    }));

  test('exits 3 when the outcome is unknown, and sends nothing twice', () =>
    withEmulator(async (sonzai, environment) => {
      sonzai.fail(CREATE, { kind: 'reset', when: 'after' });
      const { code, err } = await run(args, environment, item);
      assert.equal(code, 3);
      assert.match(err, /connection lost.*check there before you try again/);
      assert.equal(sonzai.items().length, 1);
    }));

  test('exits 2 without a token, before anything is sent', async () => {
    const { code, err } = await run(args, {}, item);
    assert.equal(code, 2);
    assert.match(err, /SONZAI_TOKEN \(or SONZAI_TOKEN_FILE or SONZAI_TOKEN_COMMAND\): missing/);
  });
});

describe('its arguments', () => {
  const wrong: [string, string[], string, RegExp][] = [
    ['no command', [], '', /^Usage: npm run --silent sonzai -- create/],
    ['an unknown option', ['create', '--colour', 'red'], '', /--colour/],
    ['nothing but the command', ['create'], '', /agent_id: missing[\s\S]*confidence: missing/],
    ['no JSON', args, '{', /^--item is not valid JSON/],
    ['JSON of another kind', args, '[]', /must hold one JSON object/],
    ['a field that Sonzai has not', args, '{"colour": 1}', /colour: unknown field/],
    ['another type', args, '{"channel": 5}', /channel: must be a string/],
    ['confidence out of range', ['create', '--confidence', '2'], '', /confidence: must be from 0 to 1/],
    ['confidence that is none', ['create', '--confidence', 'high'], '', /confidence: must be a number/],
    ['a payload without quotes', ['create', '--payload', 'hi'], '', /--payload is not valid JSON/],
    ['a text without quotes', ['create', 'ten', 'percent'], '', /Unexpected argument "ten"/],
  ];
  for (const [name, given, text, words] of wrong) {
    test(`${name}: refused, with what to write`, () =>
      assert.rejects(
        readDraft(given, async () => text),
        (error) => error instanceof UsageError && words.test(error.message),
      ));
  }

  test('an item as it was read from the inbox may be sent back without its state', async () => {
    const text = JSON.stringify({ $schema: 'http://x/ApprovalItemBody.json', ...draftOf('Bo') });
    assert.deepEqual(await readDraft(args, async () => text), draftOf('Bo'));
    await assert.rejects(readDraft(['create', '--item', 'nowhere'], noFile), /nowhere can't be read: no such file/);
  });
});
