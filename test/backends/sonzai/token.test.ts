import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createTokenProvider, expiryOf, TokenError, type TokenProvider } from '../../../src/backends/sonzai/token.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';

const never = new AbortController().signal;

function jwt(claims: object, name = 'sig'): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256' })}.${part(claims)}.${name}`;
}

async function inFolder<T>(use: (path: (name: string) => string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-'));
  try {
    return await use((name) => join(folder, name));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function refusedWith(reason: RegExp, secret = 'no secret here') {
  return (error: unknown) => {
    assert.ok(error instanceof TokenError);
    assert.match(error.message, reason);
    assert.ok(!error.message.includes(secret));
    return true;
  };
}

const inShell = (command: string) => ['/bin/sh', '-c', command] as const;

/** A command that counts its runs and prints the content of a file. */
function counting(
  use: (world: {
    provider: TokenProvider;
    clock: TestClock;
    print: (text: string) => Promise<void>;
    runs: () => Promise<number>;
  }) => Promise<void>,
): Promise<void> {
  return inFolder(async (path) => {
    const clock = createTestClock();
    const command = `echo run >> '${path('runs')}'; cat '${path('token')}'`;
    const provider = createTokenProvider({ kind: 'command', command: inShell(command) }, clock);
    await use({
      provider,
      clock,
      print: (text) => writeFile(path('token'), text),
      runs: async () => (await readFile(path('runs'), 'utf8')).split('\n').length - 1,
    });
  });
}

/** Polls until a value is found, for at most five seconds. */
async function eventually<T>(look: () => Promise<T | null>): Promise<T> {
  const until = performance.now() + 5_000;
  for (;;) {
    const seen = await look();
    if (seen !== null) return seen;
    assert.ok(performance.now() < until, 'it took too long');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Whether a process of this group is running. */
function isAlive(group: number): boolean {
  try {
    return process.kill(-group, 0);
  } catch {
    return false;
  }
}

describe('a value', () => {
  test('is the token, without the white space around it', async () => {
    const provider = createTokenProvider({ kind: 'value', value: ' eyJ.a.b\n' }, createTestClock());
    assert.equal(await provider.get(never), 'eyJ.a.b');
    assert.equal(await provider.get(never, 'eyJ.a.b'), 'eyJ.a.b');
    assert.equal(provider.setting, 'SONZAI_TOKEN');
  });

  test('that can’t be in a header is refused without being quoted', async () => {
    for (const value of ['', '  ', 'two words', 'ein\u00adTrick', 'a\r\nX-Evil: 1']) {
      const provider = createTokenProvider({ kind: 'value', value }, createTestClock());
      await assert.rejects(provider.get(never), refusedWith(/^SONZAI_TOKEN gives/, 'Evil'));
    }
  });
});

test('a file is read anew for each call', () =>
  inFolder(async (path) => {
    const provider = createTokenProvider({ kind: 'file', path: path('token') }, createTestClock());
    await assert.rejects(provider.get(never), refusedWith(/SONZAI_TOKEN_FILE names can’t be read/));
    await writeFile(path('token'), 'first\n');
    assert.equal(await provider.get(never), 'first');
    await writeFile(path('token'), 'second\n');
    assert.equal(await provider.get(never), 'second');
    assert.equal(provider.setting, 'SONZAI_TOKEN_FILE');
  }));

describe('a command', () => {
  test('is run again 10 s before its token ends', () =>
    counting(async ({ provider, clock, print, runs }) => {
      const first = jwt({ exp: clock.now() / 1000 + 60 });
      await print(first);
      assert.equal(await provider.get(never), first);
      clock.advance(49_999);
      assert.equal(await provider.get(never), first);
      assert.equal(await runs(), 1);
      const second = jwt({ exp: clock.now() / 1000 + 60 });
      await print(second);
      clock.advance(1);
      assert.equal(await provider.get(never), second);
      assert.equal(await runs(), 2);
    }));

  test('is run again for a refused token, once however many ask', () =>
    counting(async ({ provider, print, runs }) => {
      await print('opaque-1');
      assert.equal(await provider.get(never), 'opaque-1');
      assert.equal(await provider.get(never), 'opaque-1');
      await print('opaque-2');
      const both = await Promise.all([provider.get(never, 'opaque-1'), provider.get(never, 'opaque-1')]);
      assert.deepEqual(both, ['opaque-2', 'opaque-2']);
      assert.equal(await provider.get(never, 'opaque-1'), 'opaque-2', 'another call renewed it meanwhile');
      assert.equal(await runs(), 2);
    }));

  const bad: [string, string, RegExp][] = [
    ['that fails', 'echo s3cret; echo s3cret >&2; exit 3', /ended with code 3/],
    ['that prints nothing', 'true', /gives an empty token/],
    ['that prints prose', 'echo please log in, s3cret', /gives a text that is not a valid token/],
    ['that prints without end', 'yes s3cret', /printed more than a token/],
    ['that is ended', 'kill -TERM $$', /ended with a signal/],
  ];
  for (const [name, command, reason] of bad) {
    test(`${name} gives no token, and none of its output`, async () => {
      const provider = createTokenProvider({ kind: 'command', command: inShell(command) }, createTestClock());
      await assert.rejects(provider.get(never), refusedWith(reason, 's3cret'));
    });
  }

  test('that takes too long is killed', async () => {
    const provider = createTokenProvider({ kind: 'command', command: ['sleep', '60'] }, createTestClock(), 50);
    await assert.rejects(provider.get(never), refusedWith(/^SONZAI_TOKEN_COMMAND took longer than 0\.05 s/));
  });

  test('that does not exist is named by its setting', async () => {
    const command = ['/not/there', 's3cret'] as const;
    const provider = createTokenProvider({ kind: 'command', command }, createTestClock());
    await assert.rejects(provider.get(never), refusedWith(/^SONZAI_TOKEN_COMMAND could not be started/, 's3cret'));
  });

  test('gets its arguments as they are: no shell reads them', () =>
    inFolder(async (path) => {
      const command = ['printf', '%s', `$(touch${path('made')});\`id\`|&*~`] as const;
      const provider = createTokenProvider({ kind: 'command', command }, createTestClock());
      assert.equal(await provider.get(never), command[2]);
      await assert.rejects(readFile(path('made')));
    }));

  test('gets none of the bot’s secrets in its environment', async () => {
    const secret = 'SLACK_BOT_TOKEN';
    const before = process.env[secret];
    process.env[secret] = 'xoxb-s3cret';
    try {
      const command = inShell('env | cut -d= -f1 | sort | tr "\\n" ,');
      const provider = createTokenProvider({ kind: 'command', command }, createTestClock());
      const names = (await provider.get(never)).split(',').filter((name) => name !== '');
      // The last three are the shell's own.
      const known = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'PWD', 'SHLVL', '_'];
      assert.ok(names.includes('PATH'));
      assert.deepEqual(
        names.filter((name) => !known.includes(name)),
        [],
      );
    } finally {
      if (before === undefined) delete process.env[secret];
      else process.env[secret] = before;
    }
  });

  test('that leaves a process running gives its token immediately, and the process is killed', () =>
    inFolder(async (path) => {
      const command = `echo $$ > '${path('pid')}'; sleep 60 & echo tok`;
      const provider = createTokenProvider({ kind: 'command', command: inShell(command) }, createTestClock());
      assert.equal(await provider.get(never), 'tok');
      const group = Number(await readFile(path('pid'), 'utf8'));
      await eventually(async () => !isAlive(group) || null);
    }));

  test('that leaves a daemon behind, which holds its output, gives its token', () =>
    inFolder(async (path) => {
      const daemon = `setsid sh -c 'echo $$ > "$0"; exec sleep 60' '${path('pid')}' &`;
      const command = `${daemon} until [ -s '${path('pid')}' ]; do :; done; echo tok`;
      const provider = createTokenProvider({ kind: 'command', command: inShell(command) }, createTestClock());
      try {
        assert.equal(await provider.get(never), 'tok');
      } finally {
        process.kill(Number(await readFile(path('pid'), 'utf8')), 'SIGKILL');
      }
    }));

  test('that hangs is abandoned by an aborted call, and killed with all it started', () =>
    inFolder(async (path) => {
      const command = `echo $$ > '${path('pid')}'; sleep 60 | cat`;
      const provider = createTokenProvider({ kind: 'command', command: inShell(command) }, createTestClock());
      const called = new AbortController();
      const waits = provider.get(called.signal);
      const other = provider.get(never);
      const group = await eventually(async () => Number(await readFile(path('pid'), 'utf8').catch(() => '')) || null);
      called.abort();
      await assert.rejects(waits, refusedWith(/was aborted/));
      assert.ok(isAlive(group), 'the other still waits for it');
      provider.close();
      await assert.rejects(other, refusedWith(/was aborted/));
      await eventually(async () => !isAlive(group) || null);
      await assert.rejects(provider.get(never), refusedWith(/was aborted/));
    }));
});

test('when a token ends is read from JWTs only', () => {
  assert.equal(expiryOf(jwt({ exp: 1_700_000_000 })), 1_700_000_000_000);
  for (const odd of [
    jwt({}),
    jwt({ exp: 'soon' }),
    'opaque',
    'a.b.c',
    `a.${Buffer.from('[1]').toString('base64url')}.c`,
  ]) {
    assert.equal(expiryOf(odd), null);
  }
});
