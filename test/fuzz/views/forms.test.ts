/** Forms from schemas that agents and servers wrote, and what people fill into them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { questionsIn } from '../../../src/backends/runtype/pause/ask-user-question.ts';
import { elicitationIn } from '../../../src/backends/runtype/pause/elicitation.ts';
import type { Question } from '../../../src/backends/runtype/pause/question.ts';
import type { Approval } from '../../../src/core/approval/approval.ts';
import { pauseSchema } from '../../../src/core/approval/pause/pause.ts';
import { checkForm } from '../../../src/core/form/check.ts';
import { type AnswerForm, answerFormSchema, type Filled, keysOf } from '../../../src/core/form/form.ts';
import { formFromSchema } from '../../../src/core/form/from-json-schema.ts';
import { renderCard } from '../../../src/core/view/cards/approval-card.ts';
import { formFor } from '../../../src/core/view/forms/decision-form.ts';
import { defaultForms } from '../../../src/core/view/forms/form-rule.ts';
import { pageCount, renderPage } from '../../../src/platforms/discord/render/form.ts';
import { renderMessage as onDiscord } from '../../../src/platforms/discord/render/message.ts';
import { readFields } from '../../../src/platforms/slack/render/fields.ts';
import { renderForm } from '../../../src/platforms/slack/render/form.ts';
import { renderMessage as onSlack } from '../../../src/platforms/slack/render/message.ts';
import { loadBodyChecks } from '../../../src/sandbox/emulators/discord/checks/body.ts';
import { checkBlocks } from '../../../src/sandbox/emulators/slack/checks/blocks.ts';
import { checkView } from '../../../src/sandbox/emulators/slack/checks/view.ts';
import { after, announced, pauseOf } from '../../support/data/pauses.ts';
import { runs } from '../../support/property.ts';
import { anyJson, oddKey, oddText, spoiled } from '../arbitrary.ts';
import { discordTexts, hasHidden, markupIn, pingsIn, slackTexts } from './visible.ts';

const checks = await loadBodyChecks();

const words = { title: oddText(400), description: oddText(400) };
const count = fc.option(fc.constantFrom(0, 1, 2, 40, 3_000, 1e9, -1, 0.5), { nil: undefined });
const scalar = fc.oneof(oddText(60), fc.integer(), fc.boolean(), fc.constant(null));
const property = fc.oneof(
  fc.record(
    {
      type: fc.constant('string'),
      ...words,
      minLength: count,
      maxLength: count,
      default: oddText(300),
      pattern: fc.constantFrom('^(a+)+$', '[', '.*'),
    },
    { requiredKeys: ['type'] },
  ),
  fc.record(
    { type: fc.constant('string'), ...words, format: fc.constantFrom('email', 'uri', 'date', 'date-time', 'x') },
    { requiredKeys: ['type'] },
  ),
  fc.record(
    {
      type: fc.constantFrom('number', 'integer'),
      ...words,
      minimum: fc.double(),
      maximum: fc.double(),
      default: fc.double(),
    },
    { requiredKeys: ['type'] },
  ),
  fc.record({ type: fc.constant('boolean'), ...words, default: fc.boolean() }, { requiredKeys: ['type'] }),
  fc.record(
    {
      type: fc.constant('string'),
      ...words,
      enum: fc.uniqueArray(scalar, { maxLength: 30 }),
      enumNames: fc.array(oddText(40), { maxLength: 30 }),
    },
    { requiredKeys: ['type', 'enum'] },
  ),
  fc.record(
    {
      type: fc.constant('array'),
      ...words,
      items: fc.record({ enum: fc.uniqueArray(oddText(20), { maxLength: 120 }) }),
      minItems: count,
      maxItems: count,
    },
    { requiredKeys: ['type', 'items'] },
  ),
);
const schema = fc.array(fc.tuple(oddKey, property), { maxLength: 8 }).map((entries) => ({
  type: 'object',
  properties: Object.fromEntries(entries),
  required: entries.slice(0, 2).map(([name]) => name),
}));
const anySchema = fc.oneof({ weight: 6, arbitrary: spoiled(schema) }, anyJson);
const request = fc.record(
  {
    message: oddText(300),
    mode: fc.constantFrom('form', 'url', 'x'),
    requestedSchema: anySchema,
    url: oddText(60),
    name: oddText(30),
    serverName: oddText(40),
  },
  { requiredKeys: [] },
);
const elicitation = fc.oneof(
  request,
  fc.tuple(request, fc.array(request, { maxLength: 4 })).map(([one, requests]) => ({ ...one, requests })),
);
const asked = fc.record({
  questions: fc.array(
    fc.record(
      {
        question: oddText(300),
        header: oddText(40),
        multiSelect: fc.boolean(),
        options: fc.array(fc.record({ label: oddText(80), description: oddText(80) }, { requiredKeys: ['label'] }), {
          maxLength: 30,
        }),
      },
      { requiredKeys: ['question'] },
    ),
    { maxLength: 9 },
  ),
});
const question: fc.Arbitrary<Question | null> = fc.oneof(
  fc.tuple(spoiled(elicitation), fc.boolean()).map(([one, answerable]) => elicitationIn(one, answerable)),
  fc.oneof(spoiled(asked), anyJson).map((one) => questionsIn(one as Record<string, unknown>)),
);

/** Which input, and what is in it. */
const entry = fc.tuple(
  fc.nat(60),
  fc.oneof(
    oddText(200),
    fc.array(fc.constantFrom('0', '1', '7', 'yes', '__proto__', '-1', '99999'), { maxLength: 3 }),
    fc.constantFrom('12', 'yes', '2026-09-02', 'a@b.example', '{"a":1}', '1e999', '٣'),
  ),
);

function fillIn(form: AnswerForm, entries: readonly (readonly [number, string | string[]])[]): Filled {
  const keys = [...form.fields.flatMap(keysOf), '__proto__', 'constructor', 'json'];
  return Object.fromEntries(entries.map(([at, value]) => [keys[at % keys.length] ?? '', value]));
}

/** Both rooms take every page of it, and no page shows what a person can't see. */
function isTaken(form: AnswerForm, state: Approval, draft: Filled | null): void {
  const whole = {
    ...formFor(
      { approvalId: state.id, action: 'take_over', fingerprint: state.fingerprint },
      state,
      defaultForms,
      draft,
    ),
    ...form,
  };
  const view = renderForm(whole, { channel: 'C1', thread: null });
  assert.deepEqual(checkView(view), []);
  const texts = slackTexts({ text: '', blocks: view.blocks });
  assert.deepEqual(pingsIn({ text: '', blocks: view.blocks }), []);
  for (let page = 0; page < pageCount(whole); page += 1) checks.modal(renderPage(whole, page));
  for (const shown of texts) assert.ok(!hasHidden(shown), JSON.stringify(shown));
}

describe('a form', () => {
  test('from any schema is one that both rooms take, whatever it is filled with', () => {
    fc.assert(
      fc.property(anySchema, fc.array(entry, { maxLength: 12 }), fc.boolean(), (given, entries, drafted) => {
        const form = formFromSchema(given);
        const filled = fillIn(form, entries);
        answerFormSchema.parse(JSON.parse(JSON.stringify(form)));
        isTaken(form, after(announced()), drafted ? filled : null);
        const checked = checkForm(form, filled);
        if (!checked.ok) assert.ok(Object.values(checked.errors).every((error) => error !== '' && error.length < 300));
        else if (form.shape !== 'text' && checked.text !== null) JSON.parse(checked.text);
      }),
      { numRuns: runs(200) },
    );
  });

  test('from any question of a run stands on a card that both rooms take, and can be answered or says that it can’t', () => {
    fc.assert(
      fc.property(question, (found) => {
        if (found === null) return;
        const pause = pauseOf({ kind: 'await', actions: [...found.actions], prompt: found.prompt });
        pauseSchema.parse(JSON.parse(JSON.stringify(pause)));
        const state = after(announced({ pause }));
        const card = renderCard(state, { backend: 'Runtype' });
        const { text, blocks } = onSlack(card);
        assert.deepEqual(checkBlocks(blocks), []);
        assert.deepEqual(pingsIn({ text, blocks }), []);
        const message = onDiscord(card);
        checks.newMessage({ ...message, nonce: 'n', enforce_nonce: true });
        for (const shown of [...slackTexts({ text, blocks }), ...discordTexts(message)]) {
          assert.ok(!hasHidden(shown), JSON.stringify(shown));
        }
        for (const shown of discordTexts(message)) assert.deepEqual(markupIn(shown), [], shown);
        if (found.prompt.form !== null && found.prompt.form.fields.length > 0) isTaken(found.prompt.form, state, null);
      }),
      { numRuns: runs(200) },
    );
  });

  test('sent in with any values is read, or is none of ours', () => {
    const element = fc.record(
      {
        type: fc.constantFrom(
          'plain_text_input',
          'static_select',
          'multi_static_select',
          'datepicker',
          'checkboxes',
          'x',
        ),
        value: fc.option(oddText(100)),
        selected_option: fc.option(fc.record({ value: oddText(20) })),
        selected_options: fc.option(fc.array(fc.record({ value: oddText(20) }), { maxLength: 3 })),
        selected_date: fc.option(oddText(20)),
      },
      { requiredKeys: ['type'] },
    );
    const values = fc.dictionary(oddKey, fc.dictionary(oddKey, fc.oneof(element, anyJson), { maxKeys: 3 }), {
      maxKeys: 4,
    });
    fc.assert(
      fc.property(fc.oneof(values, spoiled(values)), (given) => {
        if (typeof given !== 'object' || given === null) return;
        const sound = Object.values(given).every(
          (one) => typeof one === 'object' && one !== null && !Array.isArray(one),
        );
        if (!sound) return;
        for (const one of Object.values(readFields(given as never))) {
          assert.ok(typeof one === 'string' || one.every((name) => typeof name === 'string'));
        }
      }),
      { numRuns: runs(300) },
    );
  });
});
