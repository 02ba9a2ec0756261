/** The lists and answers of Sonzai and HookPulse, and the bodies of our own inbox. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { pauseOf as hookPulsePause, readPage, unreadableFields } from '../../../src/backends/hookpulse/wire.ts';
import { createTargetCheck } from '../../../src/backends/inbox/callback/hosts.ts';
import { readQuestion, readResolution } from '../../../src/backends/inbox/http/body.ts';
import { limitOf, waitOf } from '../../../src/backends/inbox/http/query.ts';
import { inboxItem, inboxPause } from '../../../src/backends/inbox/item.ts';
import { parseResolvers } from '../../../src/backends/inbox/settings.ts';
import { errorMessageIn, explainStatus, requestedWaitMs } from '../../../src/backends/shared/api-errors.ts';
import { nameOfUnreadable, readList, pauseOf as sonzaiPause, verdictIn } from '../../../src/backends/sonzai/wire.ts';
import { type Pause, pauseSchema } from '../../../src/core/approval/pause/pause.ts';
import { parseReviewers } from '../../../src/core/policy/reviewers.ts';
import { canonical } from '../../../src/core/text/canonical.ts';
import { shallow } from '../../../src/core/text/json.ts';
import { renderCard } from '../../../src/core/view/cards/approval-card.ts';
import { aBrand } from '../../backends/hookpulse/support.ts';
import { after, announced } from '../../support/data/pauses.ts';
import { ids } from '../../support/ids.ts';
import { runs } from '../../support/property.ts';
import { anyJson, oddText, spoiled } from '../arbitrary.ts';

const checkTarget = createTargetCheck({ hosts: ['hooks.example.com'], setting: 'CALLBACK_HOSTS', allowHttp: false });
const naming = { title: 'X', urlSetting: 'X_API_URL', keySettings: 'X_KEY' };
const item = fc.record({
  approval_id: fc.oneof(fc.string({ minLength: 1 }), oddText(40)),
  agent_id: oddText(20),
  agent_name: oddText(60),
  user_id: oddText(20),
  contact_name: oddText(60),
  channel: oddText(20),
  type: fc.oneof(fc.constantFrom('message', 'goal', 'handoff', 'constructor', '__proto__'), oddText(30)),
  context: oddText(400),
  payload: anyJson,
  tags: fc.option(fc.array(oddText(20), { maxLength: 3 })),
  confidence: fc.option(fc.double()),
  status: fc.constantFrom('pending', 'PENDING', 'approved', ''),
  created_at: fc.constantFrom('2026-09-01T10:00:00Z', '', 'yesterday', '9999999-01-01'),
});
const step = fc.record({
  execution_plan_uuid: oddText(40),
  workflow_uuid: oddText(20),
  workflow_name: oddText(80),
  step_identifier: oddText(80),
  workflow_index: fc.integer(),
  delay_to_next_step: fc.option(fc.double()),
  inserted_at: oddText(20),
});
const list = fc.array(item, { maxLength: 4 }).map((items) => ({ items, pending_count: items.length }));
const page = fc
  .array(step, { maxLength: 4 })
  .map((data) => ({ success: true, data, meta: { total_count: data.length, has_next: false } }));
const problem = fc.record({
  title: oddText(40),
  detail: oddText(300),
  error: anyJson,
  errors: fc.array(fc.record({ message: oddText(60), location: oddText(20) }), { maxLength: 5 }),
});
const either = <T>(valid: fc.Arbitrary<T>) => fc.oneof({ weight: 6, arbitrary: spoiled(valid) }, anyJson);

/** What the engine does with a pause first. */
function isFit(pause: Pause): void {
  pauseSchema.parse(pause);
  const parameters = shallow(pause.parameters) as Pause['parameters'];
  const kept = announced({ pause: { ...pause, parameters }, fingerprint: canonical(parameters).slice(0, 10) || 'd' });
  renderCard(after(kept), { backend: 'X' });
}

describe('what other inboxes answer', () => {
  test('Sonzai’s list is read as far as it goes, and what can’t be read is counted', () => {
    fc.assert(
      fc.property(either(list), (body) => {
        const read = readList(body);
        if (read === null) return;
        for (const one of read.pending) isFit(sonzaiPause(one));
        const { items } = body as { items?: unknown[] | null };
        assert.equal(read.pending.length + read.others.length + read.unreadable.length, (items ?? []).length);
        for (const one of read.unreadable) nameOfUnreadable(one);
      }),
      { numRuns: runs(500) },
    );
  });

  test('HookPulse’s page is read as far as it goes', () => {
    fc.assert(
      fc.property(either(page), (body) => {
        const read = readPage(body);
        if (read === null) return;
        for (const one of read.steps) isFit(hookPulsePause(one, aBrand, { type: 'unread' }));
        for (const one of read.unreadable) unreadableFields(one);
        const items = read.steps.length + read.idle + read.unreadable.length;
        assert.equal(items, (body as { data: unknown[] }).data.length);
      }),
      { numRuns: runs(500) },
    );
  });

  test('an error has words for people: on one line, bounded, nothing invisible', () => {
    const anyStatus = fc.integer({ min: 200, max: 599 });
    fc.assert(
      fc.property(either(problem), fc.option(oddText(500)), anyStatus, (body, text, status) => {
        const said = errorMessageIn(body, text);
        assert.ok(said === null || (said !== '' && said.length <= 300 && !/[\r\n\u202e\u200b]/.test(said)));
        const result = explainStatus({ status, body, text }, naming);
        assert.ok(result.reason.length < 700);
        verdictIn(said);
        const wait = requestedWaitMs({ 'retry-after': text ?? '', 'x-ratelimit-reset': String(status) }, 0);
        assert.ok(wait === null || (wait >= 0 && wait <= 3_600_000));
      }),
      { numRuns: runs(500) },
    );
  });
});

describe('our own inbox', () => {
  const question = fc.record(
    {
      context: fc.oneof({ weight: 4, arbitrary: fc.string({ minLength: 1 }) }, oddText(600)),
      agent_name: oddText(60),
      contact_name: oddText(60),
      type: oddText(40),
      payload: anyJson,
      tags: fc.option(fc.array(oddText(20), { maxLength: 3 })),
      confidence: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
      callback_url: fc.option(oddText(60)),
    },
    { requiredKeys: ['context'] },
  );
  const resolution = fc.record({
    action: fc.constantFrom('approve', 'reject', 'take_over', 'x'),
    reason: oddText(200),
  });
  const bodyText = (valid: fc.Arbitrary<unknown>) =>
    fc.oneof(
      { weight: 5, arbitrary: either(valid).map((body) => JSON.stringify(body) ?? '') },
      { weight: 1, arbitrary: oddText(200) },
      { weight: 1, arbitrary: fc.integer({ min: 33, max: 9_000 }).map((depth) => `${'{"context":['.repeat(depth)}`) },
      {
        weight: 1,
        arbitrary: fc
          .integer({ min: 33, max: 20_000 })
          .map((depth) => `{"context":"x","payload":${'['.repeat(depth)}${']'.repeat(depth)}}`),
      },
    );

  test('takes a question that can be shown, or says what is wrong with it', async () => {
    await fc.assert(
      fc.asyncProperty(bodyText(question), async (text) => {
        const read = readQuestion(text);
        if (read instanceof Response) {
          assert.ok([400, 422].includes(read.status));
          const said = (await read.json()) as { status: number; detail: string };
          assert.ok(said.status === read.status && said.detail !== '');
          return;
        }
        if (read.callbackUrl !== null) checkTarget(read.callbackUrl);
        const pause = inboxPause({
          approvalId: 'apr_1',
          asker: 'a',
          askerName: null,
          requestSha256: null,
          callbackUrl: read.callbackUrl,
          draft: read.draft,
        });
        isFit(pause);
        assert.ok(inboxItem(after(announced({ pause })))?.status === 'pending');
      }),
      { numRuns: runs(500) },
    );
  });

  test('takes a decision, or says what is wrong with it', () => {
    fc.assert(
      fc.property(bodyText(resolution), (text) => {
        const read = readResolution(text);
        if (read instanceof Response) assert.ok([400, 422].includes(read.status));
        else assert.ok(['approve', 'reject', 'take_over'].includes(read.action));
      }),
      { numRuns: runs(500) },
    );
  });

  test('reads any query, and any list of people or tokens, or refuses it', () => {
    fc.assert(
      fc.property(oddText(60), oddText(60), (text, other) => {
        for (const value of [limitOf(text), waitOf(text, other), waitOf(undefined, `wait=${text}`)]) {
          if (value instanceof Response) assert.equal(value.status, 422);
        }
        for (const [parse, word] of [
          [
            (list: string) => parseReviewers(list, ids),
            'is not a valid reviewer|has no valid ID|names several: separate them by commas',
          ],
          [(list: string) => parseResolvers(list, ids), '^entry'],
        ] as const) {
          try {
            parse(`${text},${other}:x=slack:${text}`);
          } catch (thrown) {
            assert.ok(thrown instanceof Error && new RegExp(word).test(thrown.message), String(thrown));
          }
        }
      }),
      { numRuns: runs(500) },
    );
  });
});
