/** What each page says, of a real engine and its store. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PlatformError } from '../../src/core/ports/errors.ts';
import { PAGE_SIZE } from '../../src/operator/content.ts';
import { announced, dana, pauseOf, slackRoom } from '../support/data/pauses.ts';
import { accountsOf, who } from '../support/data/policies.ts';
import { type OperatorBench, withOperatorPage } from '../support/people/operator-page.ts';
import { ask } from '../support/worlds/engine.ts';

/** The text of a page, as a person reads it. */
async function read({ get }: OperatorBench, cookie: string, path: string): Promise<string> {
  const { text, status } = await get(`/operator${path}`, { cookie });
  assert.equal(status, 200, path);
  return textOf(text);
}

function textOf(html: string): string {
  return html
    .replace(/<[^>]*>/g, ' ')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ')
    .replace(/ ([.,:])/g, '$1');
}

const said = (engine: OperatorBench['engine'], text: string) =>
  engine.until(() => (engine.status(0)?.includes(text) ? true : undefined));

describe('Waiting', () => {
  test('says what is asked, since when, until when, where, and who may decide', () =>
    withOperatorPage(async (bench) => {
      const { engine, signIn, get } = bench;
      const deadline = engine.clock.now() + 10 * 60_000;
      await ask(engine, { tool: 'refund_order', parameters: { orderId: 'A-1' }, deadline });
      engine.clock.advance(3 * 60_000);
      const cookie = await signIn();
      const text = await read(bench, cookie, '');
      assert.match(text, /1 request waits for a decision/);
      assert.match(text, /Refund order/);
      assert.match(text, /orderId: A-1/);
      assert.match(text, /Asked 3 minutes ago \(1 Sept? 2026, 10:00:00 UTC\)/);
      assert.match(text, /Until in 7 minutes \(1 Sept? 2026, 10:10:00 UTC\)/);
      assert.match(text, /Who may decide/);
      assert.match(text, /Cards Slack, C0ROOM Discord, /);
      assert.match((await get('/operator', { cookie })).text, /<time datetime="2026-09-01T10:10:00\.000Z">/);
    }));

  test('says that nothing waits', () =>
    withOperatorPage(async (bench) => {
      assert.match(await read(bench, await bench.signIn(), ''), /Nothing waits for a decision/);
    }));

  test('shows two thousand in pages by key, each once', () =>
    withOperatorPage(async (bench) => {
      const { engine, signIn, get } = bench;
      const COUNT = 2_000;
      for (let from = 0; from < COUNT; from += 1_000) {
        await Promise.all(
          Array.from({ length: 1_000 }, (_, at) => {
            const key = `k${from + at}`;
            const input = announced({
              id: key,
              pause: pauseOf({ key, groupId: key, runId: key, tool: `tool_${from + at}` }),
            });
            return engine.apply(key, input);
          }),
        );
      }
      const cookie = await signIn();
      const seen = new Set<string>();
      let statements = 0;
      let pages = 0;
      for (let path: string | null = '/operator'; path !== null; ) {
        const { text } = await get(path, { cookie });
        const ids: string[] = [...text.matchAll(/<h2><a href="\/operator\/approval\/([^"]+)"/g)].map(
          ([, id]) => id ?? '',
        );
        for (const id of ids) {
          assert.ok(!seen.has(id), id);
          seen.add(id);
        }
        pages += 1;
        statements += ids.length;
        const next: RegExpExecArray | null = /<a href="([^"]+)" rel="next">/.exec(text);
        path = next === null ? null : (next[1] ?? '').replaceAll('&amp;', '&');
        // The first ten pages, and the last ten: by a key that is made from what is known.
        if (pages === 10 && path !== null) {
          const at = COUNT - 5 * PAGE_SIZE;
          const all = await engine.store.overview.waiting(null, at);
          assert.ok(all.next);
          for (const { id } of all.items) seen.add(id);
          path = `/operator?after=-~${all.next.askedAt}~${all.next.id}`;
        }
      }
      assert.equal(seen.size, COUNT);
      assert.equal(statements, 15 * PAGE_SIZE);
    }));
});

describe('Decided', () => {
  test('says the outcome, who, when, and whether the backend has confirmed it', () =>
    withOperatorPage(async (bench) => {
      const { engine, signIn } = bench;
      const id = await ask(engine);
      await engine.onPress(engine.press({ buttonId: id }));
      await said(engine, 'Approved');
      const text = await read(bench, await signIn(), '/decided');
      assert.match(text, /approved Approved by Dana/);
      assert.match(text, /Dana[^(]*\(Slack\)/);
      assert.match(text, /confirmed by Runtype/);
    }));

  test('tells what is not confirmed, and what is not delivered, from what is confirmed', () =>
    withOperatorPage(async (bench) => {
      const { engine, signIn } = bench;
      const cookie = await signIn();
      engine.answers.push({ result: { type: 'ambiguous', reason: 'reset' } });
      await engine.onPress(
        engine.press({ buttonId: await ask(engine, { kind: 'await', actions: ['approve', 'reject'] }) }),
      );
      await said(engine, 'Unconfirmed');
      const lost = await read(bench, cookie, '/decided');
      assert.match(lost, /unconfirmed .*not confirmed It is not known whether Runtype has it\. Look there\./);
      assert.doesNotMatch(lost, /(?<!not )(?<!un)confirmed by/);
      engine.answers.push({ result: { type: 'refused', reason: 'no' } });
      const more = { key: 'k2', groupId: 'g2', runId: 'r2' };
      await engine.onPress(engine.press({ buttonId: await ask(engine, more) }));
      await engine.until(() =>
        engine.lines().filter(({ msg }) => msg === 'job abandoned').length >= 2 ? true : undefined,
      );
      assert.match(await read(bench, cookie, '/decided'), /failed .*not delivered Runtype does not have it\./);
    }));

  test('shows first what is on its way', () =>
    withOperatorPage(async (bench) => {
      const { engine, signIn } = bench;
      const answer = Promise.withResolvers<{ result: { type: 'recorded'; following: boolean } }>();
      engine.answers.push(answer.promise);
      await engine.onPress(engine.press({ buttonId: await ask(engine) }));
      await engine.until(() => (engine.calls.length === 1 ? true : undefined));
      assert.match(
        await read(bench, await signIn(), '/decided'),
        /On the way .*being sent .*not confirmed yet .*Ended .*Nothing has ended yet/,
      );
      answer.resolve({ result: { type: 'recorded', following: false } });
      await said(engine, 'Approved');
    }));
});

describe('one approval', () => {
  test('has all that its Details show, and its history', () =>
    withOperatorPage(async (bench) => {
      const { engine, signIn } = bench;
      const id = await ask(engine, { reason: 'The lamp is broken.' });
      await engine.onPress(engine.press({ buttonId: id }));
      await said(engine, 'Approved');
      const text = await read(bench, await signIn(), `/approval/${id.approvalId}`);
      for (const part of [
        /The lamp is broken\./,
        /History .*Received from Runtype\. .*pressed Approve/,
        /Reference .*Countersign ID/,
        /approved confirmed by Runtype/,
      ])
        assert.match(text, part);
    }));

  test('that does not exist is not found', () =>
    withOperatorPage(async ({ get, signIn }) => {
      assert.equal((await get('/operator/approval/nothing', { cookie: await signIn() })).status, 404);
    }));
});

describe('Dead letters', () => {
  test('says what failed, why, and what to do where it must not be retried', () =>
    withOperatorPage(async (bench) => {
      const { engine, signIn, get } = bench;
      engine.answers.push({ result: { type: 'ambiguous', reason: 'reset' } });
      await engine.onPress(
        engine.press({ buttonId: await ask(engine, { kind: 'await', actions: ['approve', 'reject'] }) }),
      );
      await engine.until(() => engine.lines().find(({ msg }) => msg === 'job abandoned'));
      const cookie = await signIn();
      const text = await read(bench, cookie, '/dead-letters');
      assert.match(
        text,
        /Decision to Runtype .*Unconfirmed.*after 1 attempt .*The call may have arrived, and a second one could decide twice\. Look at Runtype/,
      );
      assert.doesNotMatch((await get('/operator/dead-letters', { cookie })).text, /<button type="submit">Retry/);
    }));

  test('says where a card could not be posted', () =>
    withOperatorPage(
      async (bench) => {
        const { engine, signIn } = bench;
        engine.faults.post.push(new PlatformError('refused', 'restricted_action'));
        await engine.intake.deliver({
          type: 'announced',
          pause: pauseOf(),
          via: 'stream',
          streamOpen: false,
          inputId: null,
        });
        await engine.until(() => engine.lines().find(({ msg }) => msg === 'job abandoned'));
        assert.match(
          await read(bench, await signIn(), '/dead-letters'),
          /Card in Slack, C0ROOM .*restricted_action .*Retry Card in Slack, C0ROOM/,
        );
      },
      { engine: { places: [slackRoom] } },
    ));

  test('does not say that all was delivered where the outputs of a run were not', () =>
    withOperatorPage(async (bench) => {
      const { engine, signIn } = bench;
      engine.answers.push({ result: { type: 'refused', reason: 'no' } });
      const id = await ask(engine, { kind: 'await', key: 'k0', groupId: 'g' });
      await engine.onPress(engine.press({ buttonId: id }));
      await engine.until(() => engine.lines().find(({ msg }) => msg === 'job abandoned'));
      const cookie = await signIn();
      const text = await read(bench, cookie, '/dead-letters');
      assert.doesNotMatch(text, /every decision was delivered/);
      assert.match(await read(bench, cookie, '/decided'), /not delivered/);
    }));

  test('says that there are none', () =>
    withOperatorPage(async (bench) => {
      assert.match(await read(bench, await bench.signIn(), '/dead-letters'), /There are none/);
    }));
});

describe('every page', () => {
  test('says that everything is stopped, and that the bot is not ready', () =>
    withOperatorPage(async (bench) => {
      const { engine, signIn, health } = bench;
      await engine.stopSwitch.stop(dana, 'it loops');
      health.ready = false;
      health.checks = [
        { name: 'store', ok: false, reason: 'It is full.', advice: 'Free some space.', since: 0, checkedAt: 1_000 },
      ];
      const cookie = await signIn();
      for (const path of ['', '/decided', '/dead-letters', '/health', '/policy', '/audit']) {
        assert.match(
          await read(bench, cookie, path),
          /Countersign is stopped: .*it loops.*Countersign is not ready\. Health says why/,
          path,
        );
      }
      assert.match(await read(bench, cookie, '/health'), /not ready .*Store fails It is full\. Free some space\./);
    }));

  test('names itself, its version and the time it was made', () =>
    withOperatorPage(async (bench) => {
      const { text } = await bench.get('/operator/health', { cookie: await bench.signIn() });
      assert.match(text, /<title>Health · Countersign<\/title>/);
      assert.match(text, /<a href="\/operator\/health" aria-current="page">/);
      assert.match(textOf(text), /As of 1 Sept? 2026, 10:00:00 UTC\..*Countersign 1\.2\.3/);
    }));
});

describe('Policy', () => {
  test('explains each rule', () =>
    withOperatorPage(
      async (bench) => {
        const text = await read(bench, await bench.signIn(), '/policy');
        assert.match(text, /Source countersign\.yml Version abc123/);
        assert.match(text, /Operators in chat mara/);
        assert.match(text, /1 rule 1\. /);
        assert.match(text, /Approve .*Reject /);
      },
      {
        engine: {
          document: {
            version: 'abc123',
            source: 'countersign.yml',
            people: accountsOf({ mara: ['slack:U1'] }),
            operators: [who('mara')],
          },
        },
      },
    ));

  test('of the settings says that there is no file', () =>
    withOperatorPage(async (bench) => {
      assert.match(
        await read(bench, await bench.signIn(), '/policy'),
        /There is no policy file: one list of reviewers, in REVIEWERS/,
      );
    }));
});
