/** docs/http-api.md: each call is made as it is written, in a shell, and answered as it is written; its scripts run. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Webhook } from 'standardwebhooks';
import { secretOf } from '../support/data/secrets.ts';
import { pressSlack, submitSlack } from '../support/people/room.ts';
import { dana, inWorld, type World } from '../support/worlds/world.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(`${root}docs/http-api.md`, 'utf8');
const scripts = `${root}examples/scripts/`;
const ASK = secretOf('ask');
const RESOLVE = secretOf('resolve');
const settings = { ASKERS: `deploy token=${ASK}`, RESOLVE_TOKENS: `${RESOLVE}=slack:${dana.slackId}` };
const secret = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';

/** Why a test is skipped here; false: it is not. */
function without(...programs: string[]): string | false {
  const missing = programs.filter((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0);
  return missing.length === 0 ? false : `${missing.join(' and ')} is not installed`;
}

interface Run {
  code: number;
  out: string;
  err: string;
}

function run(command: string, args: readonly string[], env: Record<string, string>, input = ''): Promise<Run> {
  const child = spawn(command, args, { env: { PATH: process.env['PATH'] ?? '', ...env }, cwd: root });
  const text = { out: '', err: '' };
  child.stdout.on('data', (chunk) => (text.out += chunk));
  child.stderr.on('data', (chunk) => (text.err += chunk));
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return once(child, 'close').then(([code]) => ({ code: Number(code), ...text }));
}

/** A call and its answer, as the page has them. */
interface Call {
  command: string;
  answer: Record<string, unknown>;
  isPressed: boolean;
}

const calls = [...page.matchAll(/```sh\n(curl[\s\S]*?)```\n([\s\S]*?)```json\n([\s\S]*?)```/g)].map(
  ([, command = '', between = '', answer = '']): Call => ({
    command,
    answer: JSON.parse(answer),
    isPressed: between.includes('Dana presses Approve'),
  }),
);

/** What differs at each run. */
const volatile = new Set(['approval_id', 'created_at', 'resolved_at']);

function stable(answer: Record<string, unknown>): unknown {
  return Object.entries(answer).map(([name, value]) => [name, volatile.has(name) ? typeof value : value]);
}

const environment = (world: World, id = '') => ({
  ASK_URL: `http://127.0.0.1:${world.app().port}`,
  ASK_TOKEN: ASK,
  RESOLVE_TOKEN: RESOLVE,
  ID: id,
});

test('each call of the page is answered as the page says', { skip: without('curl') }, () =>
  inWorld(
    async (world) => {
      assert.ok(calls.length >= 7 && calls.some(({ isPressed }) => isPressed), `${calls.length} calls`);
      let id = '';
      for (const { command, answer, isPressed } of calls) {
        const called = run('sh', ['-c', command], environment(world, id));
        if (isPressed) await pressSlack(world, dana, await world.slackCard(), 'Approve');
        const { out, err } = await called;
        const given = JSON.parse(out || err);
        assert.deepEqual(stable(given), stable(answer), command);
        id = typeof given.approval_id === 'string' ? given.approval_id : id;
      }
    },
    { env: settings },
  ),
);

describe('a script of examples/scripts', () => {
  const all = [
    ['ask.py', 'python3', without('python3')],
    ['ask.sh', 'sh', without('curl', 'jq')],
  ] as const;

  for (const [name, interpreter, skip] of all) {
    const start = (world: World) => run(interpreter, [`${scripts}${name}`, 'Deploy "1.4"?'], environment(world));

    test(`${name} exits 0 when approved, 1 when rejected`, { skip }, () =>
      inWorld(
        async (world) => {
          const approved = start(world);
          await pressSlack(world, dana, await world.slackCard(), 'Approve');
          const first = await approved;
          assert.deepEqual([first.code, first.out.trim()], [0, 'approved Dana Reyes'], first.err);
        },
        { env: settings },
      ).then(() =>
        inWorld(
          async (world) => {
            const rejected = start(world);
            await pressSlack(world, dana, await world.slackCard(), 'Reject');
            await submitSlack(world, dana, 'Not on a Friday');
            const { code, out, err } = await rejected;
            assert.deepEqual([code, out.trim()], [1, 'rejected Dana Reyes Not on a Friday'], err);
          },
          { env: settings },
        ),
      ),
    );

    test(`${name} says what is wrong with its token, and exits with neither`, { skip }, () =>
      inWorld(
        async (world) => {
          const env = { ...environment(world), ASK_TOKEN: 'wrong' };
          const { code, out, err } = await run(interpreter, [`${scripts}${name}`, 'Deploy?'], env);
          assert.ok(code > 0, 'it does not count as approved');
          assert.match(out + err, /Send a token of ASK_TOKENS or ASKERS/);
        },
        { env: settings },
      ),
    );
  }
});

describe('the signature check in', () => {
  const body = '{"type":"approval.resolved","data":{"context":"Déploy?"}}';
  const checks = [
    ['python', 'verify_callback.py', without('python3')],
    ['js', 'verify-callback.mjs', false],
    ['bash', 'verify-callback.sh', without('openssl')],
  ] as const;

  /** Whether it says that this is genuine. */
  async function isGenuine(
    language: string,
    file: string,
    sent: { id: string; at: number; signature: string; body: string },
  ) {
    const { id, at, signature } = sent;
    const headers = { 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': signature };
    const env = { HEADERS: JSON.stringify(headers), CALLBACK_SECRET: secret };
    if (language === 'bash') {
      const named = { WEBHOOK_ID: id, WEBHOOK_TIMESTAMP: String(at), WEBHOOK_SIGNATURE: signature };
      const { code, err } = await run('sh', [`${scripts}${file}`], { ...env, ...named }, sent.body);
      assert.equal(err, '');
      return code === 0;
    }
    const python = `import json,os,sys; sys.dont_write_bytecode = True; sys.path.insert(0, ${JSON.stringify(scripts)})
from verify_callback import verify
print(verify(json.loads(os.environ["HEADERS"]), sys.stdin.buffer.read(), os.environ["CALLBACK_SECRET"]))`;
    const node = `import { verify } from ${JSON.stringify(`${scripts}${file}`)};
const body = Buffer.concat(await process.stdin.toArray());
console.log(verify(JSON.parse(process.env.HEADERS), body, process.env.CALLBACK_SECRET));`;
    const [command, args]: [string, string[]] =
      language === 'python' ? ['python3', ['-c', python]] : [process.execPath, ['--input-type=module', '--eval', node]];
    const { out, err } = await run(command, args, env, sent.body);
    assert.match(out.trim(), /^(true|false)$/i, err);
    return out.trim().toLowerCase() === 'true';
  }

  for (const [language, file, skip] of checks) {
    test(`${file} accepts what is signed with the secret, and nothing else`, { skip }, async () => {
      const at = Math.floor(Date.now() / 1_000);
      const signed = (time: number, key = secret) => new Webhook(key).sign('msg_1', new Date(time * 1_000), body);
      const good = { id: 'msg_1', at, signature: signed(at), body };
      const other = signed(at, 'whsec_AAAAsBQIhrscChlQIMV+b5sSYspob7oD');
      const cases: [string, Partial<typeof good>, boolean][] = [
        ['as it came', {}, true],
        ['signed with an old and a new secret', { signature: `${other} ${signed(at)}` }, true],
        ['with another body', { body: `${body} ` }, false],
        ['with another ID', { id: 'msg_2' }, false],
        ['with another secret', { signature: other }, false],
        ['from an hour ago', { at: at - 3_600, signature: signed(at - 3_600) }, false],
        ['without a version', { signature: signed(at).slice(3) }, false],
      ];
      for (const [what, more, genuine] of cases)
        assert.equal(await isGenuine(language, file, { ...good, ...more }), genuine, what);
    });

    test(`${file} is on the page as it is`, () => {
      assert.ok(page.includes(`\`\`\`${language}\n${readFileSync(`${scripts}${file}`, 'utf8')}\`\`\`\n`));
    });
  }
});
