/** The application that the page plays: what it reads from a run's stream, and how it says that the stream ended. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { createRuntypeEmulator } from '../../../../src/sandbox/emulators/runtype/index.ts';
import type { RuntypeEmulator } from '../../../../src/sandbox/emulators/runtype/types.ts';
import type { ApplicationRun, Vocabulary } from '../../../../src/sandbox/page/protocol.ts';
import { Application } from '../../../../src/sandbox/page/state/application.ts';

describe('the application', () => {
  let runtype: RuntypeEmulator;
  before(async () => {
    runtype = await createRuntypeEmulator();
  });
  after(() => runtype.close());
  beforeEach(() => {
    runtype.vocabulary = 'unified';
  });

  /** Starts a run and waits for the end of its stream. */
  async function play(name: string, gateway = runtype.url, key = runtype.applicationKey): Promise<ApplicationRun> {
    const ended = Promise.withResolvers<void>();
    const application = new Application({
      gateway: () => gateway,
      key,
      vocabulary: () => runtype.vocabulary,
      onChange: () => {
        if (application.runs[0]?.end) ended.resolve();
      },
    });
    const script = runtype.scripts.get(name);
    assert.ok(script);
    const run = application.start(script, name);
    await ended.promise;
    application.close();
    return run;
  }

  for (const vocabulary of ['unified', 'legacy'] satisfies Vocabulary[]) {
    test(`a run without a pause, ${vocabulary}`, async () => {
      runtype.vocabulary = vocabulary;
      const run = await play('plain');
      const words = 'The shop is open from ten to six, and on Saturdays until four.';
      assert.equal(run.text.trim(), words);
      assert.deepEqual(run.end, { how: 'complete', detail: words });
      assert.equal(run.vocabulary, vocabulary);
    });

    test(`a pause that nobody holds open for it, ${vocabulary}`, async () => {
      runtype.vocabulary = vocabulary;
      const run = await play('refund-agent');
      assert.equal(run.end?.how, 'paused');
      assert.match(run.text, /order A-1009 first\.\n.*approval now\.$/s);
    });
  }

  test('it asks with its own key', async () => {
    const from = runtype.journal.entries.length;
    await play('plain');
    const call = runtype.journal.entries.slice(from).find((entry) => entry.kind === 'call');
    assert.equal(call?.path, '/v1/dispatch');
    assert.equal(call?.authorization, `Bearer ${runtype.applicationKey}`);
  });

  test('a refusal', async () => {
    const run = await play('plain', runtype.url, 'wrong');
    assert.equal(run.end?.how, 'refused');
    assert.match(run.end?.detail ?? '', /^HTTP 401/);
  });

  test('a stream that is cut', async () => {
    runtype.fail('/v1/dispatch', { kind: 'cut', afterBytes: 300 });
    assert.equal((await play('plain')).end?.how, 'cut');
  });

  test('nobody there', async () => {
    const run = await play('plain', 'http://127.0.0.1:1');
    assert.equal(run.end?.how, 'cut');
    assert.match(run.end?.detail ?? '', /ECONNREFUSED/);
  });
});
