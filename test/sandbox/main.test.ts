/** `npm run sandbox`: its arguments, and what it says when it cannot start. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compileCache } from '../support/child.ts';

const main = fileURLToPath(new URL('../../src/sandbox/main.ts', import.meta.url));

async function run(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...compileCache, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const [code] = await once(child, 'close');
  return { code, output };
}

test('a port in use is reported, with how to choose another', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  for (const [args, env] of [
    [['--port', String(port)], {}],
    [[], { SANDBOX_PORT: String(port) }],
  ] as const) {
    const { code, output } = await run([...args], env);
    assert.equal(code, 1);
    assert.match(output, /port is in use.*--port/);
    assert.doesNotMatch(output, /\bat .*\.ts:/, 'no stack');
  }
  server.close();
});

test('an invalid port is refused', async () => {
  for (const port of ['abc', '70000']) {
    assert.equal((await run([`--port=${port}`])).code, 1, port);
  }
});
