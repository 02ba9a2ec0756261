/** The laws of forms: both platforms accept any form, and return the values that were entered. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { formText } from '../../src/core/form/as-text.ts';
import { checkForm } from '../../src/core/form/check.ts';
import { type AnswerForm, type Field, type Filled, initialOf, keysOf, optionName } from '../../src/core/form/form.ts';
import { formFromSchema } from '../../src/core/form/from-json-schema.ts';
import { numberIn } from '../../src/core/text/exact/fields.ts';
import { encodeButtonId, parseButtonId } from '../../src/core/view/button-id.ts';
import type { Form } from '../../src/core/view/forms/decision-form.ts';
import { parseInteraction } from '../../src/platforms/discord/inbound/parse-interaction.ts';
import { pageCount, renderPage } from '../../src/platforms/discord/render/form.ts';
import { renderAnswer } from '../../src/platforms/discord/render/reply.ts';
import { readFields } from '../../src/platforms/slack/render/fields.ts';
import { renderForm } from '../../src/platforms/slack/render/form.ts';
import { loadBodyChecks } from '../../src/sandbox/emulators/discord/checks/body.ts';
import { fillModal } from '../../src/sandbox/emulators/discord/interactions/modal-form.ts';
import { checkView } from '../../src/sandbox/emulators/slack/checks/view.ts';
import { checkFilled, stateValues, type Typed } from '../../src/sandbox/emulators/slack/interactions/view-values.ts';
import { LIMITS } from '../../src/sandbox/emulators/slack/web-api/limits.ts';
import { anySchema, anyText, flatSchema } from '../support/data/forms.ts';
import { runs } from '../support/property.ts';

const checks = await loadBodyChecks();
const buttonId = { approvalId: 'a'.repeat(22), action: 'take_over', fingerprint: 'd'.repeat(10) } as const;

function opened(form: AnswerForm, filled: Filled = initialOf(form)): Form {
  return { ...form, buttonId, title: 'Answer', about: 'Order desk: which day?', submit: 'Send answer', filled };
}

type Json = Record<string, unknown>;

/** A valid answer to a field; null if there is none. */
function answerTo(field: Field, pick: (below: number) => number): { raw: string | string[]; value: unknown } | null {
  switch (field.kind) {
    case 'text': {
      const least = Math.max(field.min ?? 1, 1);
      const texts = { email: 'mara@example.com', uri: 'https://example.com/a?b=1' };
      const text = field.format === null ? 'Ä'.repeat(least) : texts[field.format];
      const fits = text.length <= (field.max ?? 3_000) && text.length >= least;
      return fits ? { raw: text, value: text } : null;
    }
    case 'number': {
      const [min, max, over, under] = [field.min, field.max, field.over, field.under].map(numberIn);
      const value = Math.ceil(Math.max(min ?? 0, (over ?? -1) + 1, 0));
      const fits = value <= (max ?? value) && value < (under ?? value + 1) && Number.isSafeInteger(value);
      return fits && value > (over ?? value - 1) ? { raw: String(value), value } : null;
    }
    case 'yes_no':
      return pick(2) === 0 ? { raw: ['yes'], value: true } : { raw: ['no'], value: false };
    case 'date':
      return { raw: '2026-09-02', value: '2026-09-02' };
    case 'moment':
      return { raw: '2026-09-02T14:30:00.000Z', value: '2026-09-02T14:30:00.000Z' };
    case 'choice': {
      const most = field.many ? Math.min(field.max ?? field.options.length, field.options.length) : 1;
      const least = field.many ? (field.min ?? (field.required ? 1 : 0)) : 1;
      if (least > most) return null;
      const first = pick(field.options.length - Math.max(least, 1) + 1);
      const picked = field.options.slice(first, first + Math.min(Math.max(least, 1), most));
      const raw = picked.map((option) => optionName(field.options.indexOf(option)));
      return { raw, value: field.many ? picked.map(({ value }) => value) : picked[0]?.value };
    }
    case 'json':
      return null;
  }
}

/** Fills in a Slack modal as its client does, and parses the payload as the bot does. */
function throughSlack(form: Form, answers: Filled): Filled {
  const blocks = (renderForm(form, { channel: null, thread: null }).blocks as unknown as Json[]).map(
    (block, index) => ({ block_id: `b${index}`, ...block }),
  );
  const typed: Typed = {};
  for (const [key, raw] of Object.entries(answers)) {
    const element = (blocks.find((block) => block.block_id === key) as unknown as { element: Json }).element;
    const written =
      element['type'] === 'plain_text_input' && typeof raw !== 'string' ? labelsOf(form, key, raw) : String(raw);
    typed[key] = { [key]: element['type'] === 'datetimepicker' ? String(Date.parse(String(raw)) / 1000) : written };
  }
  checkFilled(blocks, typed);
  return readFields(stateValues(blocks, typed));
}

/** The same in Discord’s modals, page by page. */
function throughDiscord(form: Form, answers: Filled): Filled {
  let filled: Filled = {};
  for (let at = 0; at < pageCount(form); at += 1) {
    const data = renderPage(form, at);
    const inputs = inputsOf(data);
    const values = Object.fromEntries(
      inputs.flatMap((input): [string, string][] => {
        const key = String(input['custom_id']);
        const raw = answers[key];
        if (raw === undefined) return [];
        return [[key, input['type'] === 4 && typeof raw !== 'string' ? labelsOf(form, key, raw) : String(raw)]];
      }),
    );
    const user = { id: '1', username: 'mara' };
    const read = parseInteraction({ id: '7', token: 't', type: 5, user, data: fillModal(data, values) });
    assert.ok(read.kind === 'press');
    assert.deepEqual(read.press.buttonId, { ...buttonId, page: { at, of: pageCount(form) } });
    filled = { ...filled, ...read.press.form };
  }
  return filled;
}

function inputsOf(data: Json): Json[] {
  return (data['components'] as Json[]).flatMap((component) =>
    component['type'] === 18 ? [component['component'] as Json] : [],
  );
}

function labelsOf({ fields }: AnswerForm, key: string, names: readonly string[]): string {
  const field = fields.find((one) => one.key === key);
  const options = field?.kind === 'choice' ? field.options : [];
  return names.map((name) => String(options[Number(name)]?.value)).join('\n');
}

describe('the form of any schema', () => {
  test('is accepted by both platforms, empty and filled in, with every note about it', () => {
    fc.assert(
      fc.property(anySchema, anyText, (schema, written) => {
        const form = formFromSchema(schema);
        formText(form);
        const full = Object.fromEntries(
          form.fields.map(({ key, kind, ...field }) => [
            key,
            kind === 'choice' && 'options' in field ? field.options.map((_, index) => optionName(index)) : written,
          ]),
        );
        for (const shown of [opened(form), opened(form, full)]) {
          const view = renderForm(shown, { channel: 'C0000000001', thread: '1700000000.000100' });
          assert.deepEqual(checkView(view), []);
          assert.ok(Buffer.byteLength(JSON.stringify(view)) <= LIMITS.view);
          if (form.fields.length === 0) continue;
          const of = pageCount(shown);
          for (let at = 0; at < of; at += 1) checks.modal(renderPage(shown, at));
          const errors = Object.fromEntries(form.fields.map(({ key }) => [key, 'This is needed.']));
          for (const answer of [
            { type: 'invalid', form: shown, errors } as const,
            { type: 'next', form: shown } as const,
          ]) {
            const from = { written, fromMessage: true, page: 0 };
            checks.reply(renderAnswer(answer, { ...from, fromPrivate: false }).body['data'] as Json);
            checks.update(renderAnswer(answer, { ...from, fromPrivate: true }).body['data'] as Json, 64);
          }
        }
      }),
      { numRuns: runs(250) },
    );
  });

  test('says on its first page on Discord what is asked, whatever number of fields it has', () => {
    fc.assert(
      fc.property(anySchema, (schema) => {
        const context = [{ label: 'Question', text: 'Which day?' }];
        const form = { ...opened(formFromSchema(schema)), context };
        const [first] = renderPage(form, 0)['components'] as Json[];
        const content = String(first?.['content']);
        assert.ok(content.startsWith('Order desk\\: which day?\n'), content);
        assert.ok(content.endsWith('\n**Question**\n```\nWhich day?\n```'), content);
        const keys = Array.from({ length: pageCount(form) }, (_, at) => inputsOf(renderPage(form, at))).flat();
        const fields = form.fields.flatMap(keysOf);
        assert.deepEqual(
          keys.map((input) => input['custom_id']),
          fields,
        );
      }),
      { numRuns: runs(150) },
    );
  });

  test('returns the entered values on both platforms, and they match the schema', () => {
    let answered = 0;
    fc.assert(
      fc.property(flatSchema, fc.infiniteStream(fc.nat(1_000)), (schema, numbers) => {
        const form = opened(formFromSchema(schema));
        if (form.shape !== 'object' || form.fields.length === 0) return;
        const pick = (below: number) => Number(numbers.next().value) % Math.max(below, 1);
        const answers = new Map(form.fields.map((field) => [field, answerTo(field, pick)]));
        if ([...answers.values()].includes(null)) return;
        const raw = Object.fromEntries([...answers].map(([field, answer]) => [field.key, answer?.raw ?? '']));
        const meant = Object.fromEntries([...answers].map(([field, answer]) => [field.path[0] ?? '', answer?.value]));
        for (const filled of [throughSlack(form, raw), throughDiscord(form, raw)]) {
          const checked = checkForm(form, filled);
          assert.deepEqual(checked, { ok: true, text: JSON.stringify(meant) });
        }
        const strict = JSON.parse(
          JSON.stringify(schema, (key, value) =>
            ['pattern', 'default', 'format', 'maxLength', 'minLength'].includes(key) ? undefined : value,
          ),
        );
        const result = z.fromJSONSchema(strict, { registry: z.registry() }).safeParse(meant);
        assert.ok(result.success, `${result.error}`);
        answered += 1;
      }),
      { numRuns: runs(250) },
    );
    assert.ok(answered > 20, `only ${answered} schemas could be answered`);
  });

  test('never throws for invalid input, and never accepts it as a choice', () => {
    const raw = fc.oneof(anyText, fc.array(anyText, { maxLength: 4 }));
    fc.assert(
      fc.property(anySchema, fc.array(raw, { maxLength: 30 }), (schema, given) => {
        const form = formFromSchema(schema);
        const filled = Object.fromEntries(form.fields.map(({ key }, index) => [key, given[index] ?? '']));
        const checked = checkForm(form, filled);
        if (!checked.ok || checked.text === null || form.shape !== 'object') return;
        const answer = JSON.parse(checked.text);
        for (const field of form.fields) {
          if (field.kind !== 'choice' || !Object.hasOwn(answer, field.path[0] ?? '')) continue;
          const values = [answer[field.path[0] ?? '']].flat();
          for (const value of values) assert.ok(field.options.some((option) => option.value === value));
        }
      }),
      { numRuns: runs(300) },
    );
  });
});

describe('a form’s button', () => {
  test('carries its page, within Discord’s 100 characters', () => {
    const page = { at: 9, of: 25 };
    const id = encodeButtonId({ approvalId: 'x'.repeat(40), action: 'take_over', fingerprint: 'y'.repeat(24), page });
    assert.ok(id.length <= 100);
    assert.deepEqual(parseButtonId(id)?.page, page);
  });

  test('without pages is parsed, and a forged one is not', () => {
    assert.deepEqual(parseButtonId('cs2.ap1.t.d1'), { approvalId: 'ap1', action: 'take_over', fingerprint: 'd1' });
    for (const forged of ['cs1.ap1.t.d1.0.2', 'cs2.ap1.t.d1.2.2', 'cs3.ap1.t.d1', 'cs2.ap1.t.d1.0.10000'])
      assert.equal(parseButtonId(forged), null, forged);
  });
});
