/** `npm run ask`: the command as a process with an exit code, and how long its client retries and waits. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, describe, test } from 'node:test';
import { readSettings } from '../../src/cli/ask/args.ts';
import { AskError } from '../../src/cli/ask/calls.ts';
import { type Ask, ask } from '../../src/cli/ask/client.ts';
import { type Item, sentenceOf } from '../../src/cli/ask/item.ts';
import { ASK, withInbox } from '../backends/inbox/support.ts';
import { compileCache, scriptFile } from '../support/child.ts';

const file = scriptFile('src/cli/ask.ts');

/** A failed test leaves its command waiting, which would keep this process from ending. */
const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
});

function start(args: string[], environment: Record<string, string> = {}) {
  // In another folder, so that our .env is not read.
  const child = spawn(process.execPath, [file, ...args], {
    cwd: tmpdir(),
    env: { ...compileCache, ASK_TOKEN: ASK, ...environment },
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    err += text;
  });
  const ended = once(child, 'close').then(([code]) => ({ code, out, err }));
  running.add(child);
  return { child, ended };
}

describe('the ask command', () => {
  test('exits 0 on approve, and says who', () =>
    withInbox({}, async ({ url, press, card }) => {
      const { ended } = start(['Deploy 1.4?', '--agent', 'deploy.sh', '--context', 'To production.'], { ASK_URL: url });
      const { quotes, asker } = await card();
      assert.equal(quotes[0]?.text, 'Deploy 1.4?\n\nTo production.');
      assert.ok(JSON.stringify(asker).includes('deploy.sh'));
      await press(0, 'approve');
      const { code, out, err } = await ended;
      assert.deepEqual([code, out], [0, 'Approved by Dana Reyes (slack:U0DANA).\n']);
      assert.match(err, /Waiting for a decision \(apr_/);
    }));

  test('exits 1 on reject, and says why', () =>
    withInbox({}, async ({ url, press }) => {
      const { ended } = start(['Deploy 1.4?'], { ASK_URL: url });
      await press(0, 'reject', 'Not on a Friday');
      const { code, out } = await ended;
      assert.deepEqual([code, out], [1, 'Rejected by Dana Reyes (slack:U0DANA): Not on a Friday\n']);
    }));

  test('exits 2 on a take-over; --json prints the item', () =>
    withInbox({}, async ({ url, press }) => {
      const { ended } = start(['Deploy 1.4?', '--json'], { ASK_URL: url });
      await press(0, 'take_over', 'I deploy it by hand');
      const { code, out } = await ended;
      const { status, reason } = JSON.parse(out);
      assert.deepEqual([code, status, reason], [2, 'taken_over', 'I deploy it by hand']);
    }));

  test('exits 2 on an expiry', () =>
    withInbox({}, async ({ url, card, intake, store }) => {
      const { ended } = start(['Deploy 1.4?'], { ASK_URL: url });
      await card();
      const [approval] = await store.list({ unfinished: true });
      const key = approval?.pause.key ?? '';
      await intake.deliver({ type: 'resolved', backend: 'inbox', key, verdict: 'timeout', reason: null });
      const { code, out } = await ended;
      assert.deepEqual([code, out], [2, 'Expired without a decision.\n']);
    }));

  test('exits 2 on its own timeout', () =>
    withInbox({}, async ({ url, routes }) => {
      // The server must not hold its answer back: its clock does not move.
      routes.release?.();
      const { code, out } = await start(['Deploy 1.4?', '--timeout', '1500ms'], { ASK_URL: url }).ended;
      assert.equal(code, 2);
      assert.equal(out, 'Timed out before a decision was confirmed. The request was withdrawn.\n');
    }));

  test('continues after a lost connection, with the same question', () =>
    withInbox({}, async ({ url, clock, server, press, cards }) => {
      const sleeping = clock.next('sleep:25000');
      const { ended } = start(['Deploy 1.4?'], { ASK_URL: url });
      await sleeping;
      server.closeAllConnections();
      await press(0, 'approve');
      const { code, out } = await ended;
      assert.deepEqual([code, out, cards.length], [0, 'Approved by Dana Reyes (slack:U0DANA).\n', 1]);
    }));

  for (const [signal, exit] of [
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    test(`exits ${exit} on ${signal}, and withdraws the question`, () =>
      withInbox({}, async ({ url, clock, changes, cards }) => {
        const sleeping = clock.next('sleep:25000');
        const { child, ended } = start(['Deploy 1.4?'], { ASK_URL: url });
        await sleeping;
        child.kill(signal);
        const { code, out, err } = await ended;
        assert.deepEqual([code, out], [exit, '']);
        assert.match(err, /Interrupted\. The request was withdrawn\./);
        await changes.until('the card', () => (/Withdrawn/.test(cards[0]?.at(-1)?.summary ?? '') ? true : undefined));
      }));
  }

  test('prints the chosen option, and only that', () =>
    withInbox({}, async ({ url, card, onAnswer }) => {
      const { ended } = start(['Where to?', '--option', 'staging', '--option', 'production'], { ASK_URL: url });
      await card();
      await onAnswer(0, { text: ['1'] });
      const { code, out } = await ended;
      assert.deepEqual([code, out], [0, 'production\n']);
    }));

  test('prints a free answer as it is, and says a rejection on stderr only', () =>
    withInbox({}, async ({ url, onAnswer, press }) => {
      const first = start(['Which version?', '--text'], { ASK_URL: url });
      await onAnswer(0, { text: '1.4 "rc"\n ' });
      assert.deepEqual((({ code, out }) => [code, out])(await first.ended), [0, '1.4 "rc"\n \n']);
      const second = start(['Which version?', '--text', '--option', '1.3'], { ASK_URL: url });
      await press(1, 'reject', 'None');
      const { code, out, err } = await second.ended;
      assert.deepEqual([code, out], [1, '']);
      assert.match(err, /Rejected by Dana Reyes \(slack:U0DANA\): None/);
    }));

  test('shows the reviewer a file, or what is piped into it', () =>
    withInbox({}, async ({ url, card, press }) => {
      const folder = mkdtempSync(join(tmpdir(), 'countersign-ask-'));
      writeFileSync(join(folder, 'changes.md'), '\ufeff# 1.4\r\nFaster.\n');
      const first = start(['Deploy?', '--details', 'changes.md'], { ASK_URL: url, INIT_CWD: folder });
      assert.match((await card()).body?.text ?? '', /# 1\.4[\s\S]*Faster\./);
      const second = start(['Deploy?', '--details', '-'], { ASK_URL: url });
      second.child.stdin.end('from the pipe');
      assert.match((await card(1)).body?.text ?? '', /from the pipe/);
      await press(0, 'reject', 'no');
      await press(1, 'reject', 'no');
      await Promise.all([first.ended, second.ended]);
      rmSync(folder, { recursive: true });
    }));

  const unfit: [what: string, content: string | Buffer | null, words: RegExp][] = [
    ['a file that is not there', null, /--details: .*can’t be read/],
    ['an empty file', ' \n', /is empty/],
    ['a long file', 'x'.repeat(32_001), /32001 characters, and at most 32000 fit/],
    ['a huge file', 'x'.repeat(300_000), /more than 128000 bytes, and at most 32000/],
    ['an image', Buffer.from([0xff, 0xd8, 0xff]), /is not text in UTF-8/],
    ['a file of characters that JSON spells long', `x${'\u0001'.repeat(20_000)}`, /bytes as JSON, and at most/],
  ];
  test('refuses details that do not fit, and says why', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-ask-'));
    await Promise.all(
      unfit.map(async ([what, content, words], at) => {
        const details = join(folder, `${at}.txt`);
        if (content !== null) writeFileSync(details, content);
        const fits = readSettings(['Deploy?', '--details', details], { ASK_TOKEN: ASK }, Readable.from([]));
        await assert.rejects(fits, (error: unknown) => error instanceof AskError && words.test(error.message), what);
      }),
    );
    rmSync(folder, { recursive: true });
  });

  test('--help prints the usage, and exits 0', async () => {
    const { code, out, err } = await start(['--help'], { ASK_TOKEN: '' }).ended;
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^Usage: [\s\S]*--option[\s\S]*--details/);
  });

  const wrong: [string[], Record<string, string>, RegExp][] = [
    [[], {}, /The question is missing/],
    [['Deploy', '1.4?'], {}, /in quotes/],
    [['Deploy?', '--when', 'now'], {}, /--when/],
    [['Deploy?', '--timeout', 'soon'], {}, /--timeout/],
    [['Deploy?'], { ASK_TOKEN: '' }, /ASK_TOKEN is missing/],
    [['Deploy?'], { ASK_URL: 'http://10.0.0.5:3000' }, /ASK_URL is http.*unencrypted.*ALLOW_HTTP=10\.0\.0\.5/],
    [['Deploy?'], { ASK_URL: 'nowhere' }, /ASK_URL/],
  ];
  for (const [args, environment, words] of wrong) {
    test(`exits 2 and says ${words.source}`, async () => {
      const { code, out, err } = await start(args, environment).ended;
      assert.deepEqual([code, out], [2, '']);
      assert.match(err, words);
      assert.ok(!err.includes('at main'), 'no stack');
    });
  }

  test('exits 2 with an unknown token', () =>
    withInbox({}, async ({ url }) => {
      const { code, err } = await start(['Deploy?'], { ASK_URL: url, ASK_TOKEN: 'wrong' }).ended;
      assert.equal(code, 2);
      assert.match(err, /401.*Check ASK_TOKEN/);
    }));
});

describe('its retries and waits', () => {
  const item = { approval_id: 'apr_1', status: 'pending' };
  const approved = { ...item, status: 'approved', resolved_by: 'slack:U1' };
  const answer =
    (body: unknown, status = 200, headers = {}) =>
    () =>
      Promise.resolve(new Response(JSON.stringify(body), { status, headers }));
  const lost = () => Promise.reject(new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') }));

  /** Asks with these answers in turn, the last one repeatedly; time passes only while it sleeps. */
  async function play(answers: (() => Promise<Response>)[], more: Partial<Ask> = {}) {
    const calls: { url: string; init: RequestInit }[] = [];
    const slept: number[] = [];
    let at = 0;
    const outcome = await ask({
      url: 'http://127.0.0.1:3000',
      token: 't',
      question: { context: 'Deploy?' },
      key: 'k1',
      timeoutMs: 600_000,
      fetch: async (url, init = {}) => {
        calls.push({ url: String(url), init });
        return (answers[Math.min(calls.length, answers.length) - 1] ?? lost)();
      },
      sleep: async (ms) => {
        slept.push(ms);
        at += ms;
      },
      now: () => at,
      wallNow: () => Date.UTC(2026, 11, 1) + at,
      report: () => {},
      ...more,
    }).catch((error: unknown) => error);
    return { outcome, calls, slept };
  }

  test('repeats an unclear question under the same key, and never follows a redirect', async () => {
    const { outcome, calls } = await play([lost, answer({}, 503), answer(item), lost, lost, answer(approved)]);
    assert.equal((outcome as Item).status, 'approved');
    const posts = calls.filter(({ init }) => init.method === 'POST');
    assert.equal(posts.length, 3);
    for (const { init } of posts) assert.equal(new Headers(init.headers).get('idempotency-key'), 'k1');
    for (const { init } of calls) assert.equal(init.redirect, 'manual');
    assert.equal(calls[3]?.url, 'http://127.0.0.1:3000/api/v1/approvals/apr_1?wait=25');
  });

  test('gives up an address that does not answer', async () => {
    const said: string[] = [];
    const { outcome, calls } = await play([lost], { report: (text) => said.push(text) });
    assert.match(
      said.join('\n'),
      /^Countersign is unreachable: connect ECONNREFUSED\. Trying again …$/,
      'said at once',
    );
    assert.ok(outcome instanceof AskError);
    assert.match(outcome.message, /ECONNREFUSED.*Check ASK_URL/);
    assert.equal(calls.length, 5);
  });

  test('asks until its timeout, and withdraws then: what was decided meanwhile counts', async () => {
    for (const [last, status] of [
      [answer({ ...item, status: 'withdrawn' }), 'withdrawn'],
      [answer(approved), 'approved'],
      [lost, 'pending'],
      [answer({}, 405), 'pending'],
    ] as const) {
      const polls = Array.from({ length: 3 }, () => answer(item));
      const said: string[] = [];
      const { outcome, calls } = await play([...polls, last], { timeoutMs: 2_000, report: (text) => said.push(text) });
      assert.equal((outcome as Item).status, status);
      const [asked, ...others] = calls;
      assert.equal(JSON.parse(String(asked?.init.body)).expires_at, '2026-12-01T00:00:02.000Z');
      assert.equal(others.at(-1)?.init.method, 'DELETE');
      const words = /could not be withdrawn\. .+ It expires automatically at 2026-12-01T00:00:02\.000Z\.$/;
      assert.equal(words.test(said.at(-1) ?? ''), status === 'pending');
    }
  });

  test('finds the question again to withdraw it, when the answer to it was lost', async () => {
    const stop = new AbortController();
    const interrupt = () => {
      stop.abort();
      return lost();
    };
    const { outcome, calls } = await play([interrupt, answer(item), answer({ ...item, status: 'withdrawn' })], {
      interrupted: stop.signal,
    });
    assert.equal((outcome as Item).status, 'withdrawn');
    assert.deepEqual(
      calls.map(({ init }) => init.method),
      ['POST', 'POST', 'DELETE'],
    );
    assert.equal(calls[0]?.init.body, calls[1]?.init.body);
  });

  test('interrupted before it asks, it asks nothing', async () => {
    const { outcome, calls } = await play([answer(item)], { interrupted: AbortSignal.abort() });
    assert.deepEqual([outcome, calls], [null, []]);
  });

  test('sets the end by the server’s clock where its own is wrong, once', async () => {
    const fault = { errors: [{ message: 'a time that is still to come', location: 'body.expires_at' }] };
    const wrongClock = answer(fault, 400, { date: 'Tue, 01 Dec 2026 08:00:00 GMT' });
    const { outcome, calls } = await play([wrongClock, answer(approved)]);
    assert.equal((outcome as Item).status, 'approved');
    assert.equal(JSON.parse(String(calls[1]?.init.body)).expires_at, '2026-12-01T08:10:00.000Z');
    const again = await play([wrongClock]);
    assert.ok(again.outcome instanceof AskError);
    assert.equal(again.calls.length, 2);
  });

  test('whose time ended on the way asks nothing, and says so', async () => {
    const fault = { errors: [{ message: 'a time that is still to come', location: 'body.expires_at' }] };
    const late = answer(fault, 400, { date: 'Tue, 01 Dec 2026 00:00:01 GMT' });
    const { outcome, calls } = await play([late], { timeoutMs: 1_000 });
    assert.ok(outcome instanceof AskError);
    assert.match(outcome.message, /did not answer in time/);
    assert.equal(calls.length, 1);
  });

  test('says that the clocks differ, where the server accepts its end', async () => {
    const said: string[] = [];
    const early = { ...item, created_at: '2026-11-30T23:58:00Z' };
    await play([answer(early), answer(approved)], { report: (text) => said.push(text) });
    assert.match(said[0] ?? '', /clock is 120 s behind this machine’s/);
  });

  test('retries until its timeout once the question is created, with backoff', async () => {
    const { outcome, slept } = await play([answer(item), lost]);
    assert.equal((outcome as Item).status, 'pending');
    assert.equal(
      slept.reduce((sum, ms) => sum + ms, 0),
      600_000,
    );
    assert.deepEqual(slept.slice(0, 6), [1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  });

  test('honours Retry-After, and does not spin where no answer is held back', async () => {
    const { slept } = await play([
      answer(item),
      answer({}, 429, { 'retry-after': '7' }),
      answer(item),
      answer(approved),
    ]);
    assert.deepEqual(slept, [7_000, 1_000]);
  });

  for (const [what, one, words] of [
    ['a redirect', answer({}, 302, { location: 'http://evil.example/' }), /redirect/],
    ['another service', answer({ hello: 'world' }), /Check ASK_URL/],
    [
      'a refusal',
      answer({ detail: 'validation failed', errors: [{ message: 'bad', location: 'body.x' }] }, 422),
      /body\.x: bad/,
    ],
  ] as const) {
    test(`ends at once on ${what}`, async () => {
      const { outcome, calls } = await play([one]);
      assert.ok(outcome instanceof AskError);
      assert.match(outcome.message, words);
      assert.equal(calls.length, 1);
    });
  }

  test('prints foreign text on one line, without control characters', () => {
    const reason = 'no\n\u001b[2Jreally';
    const told = sentenceOf({ approval_id: 'a', status: 'rejected', resolved_by: 'slack:U1', reason });
    assert.equal(told, 'Rejected by slack:U1: no ⟨U+001B⟩[2Jreally');
    assert.equal(
      sentenceOf({ approval_id: 'a', status: 'failed' }),
      'Not delivered: an unknown person decided, and that was not accepted.',
    );
  });
});
