/** What a card says of the call that a step makes. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { describeCall, HEADER_VALUES, readTemplate, type Template } from '../../../src/backends/hookpulse/template.ts';
import { pauseOf, readPage } from '../../../src/backends/hookpulse/wire.ts';
import { pauseSchema } from '../../../src/core/approval/pause/pause.ts';
import { parseExact } from '../../../src/core/text/exact/parse.ts';
import { anyJson as oddJson } from '../../fuzz/arbitrary.ts';
import { aBrand } from './support.ts';

const webhook = {
  webhook_name: 'Pay the vendor',
  method: 'POST',
  domain: { protocol: 'https', domain: 'bank.example' },
  path: '/v1/payouts',
  headers_json: { Authorization: 'Bearer s3cret-value', 'X-Account': '7' },
  query_params_json: { dry_run: false },
  request_body_json: { amount: 1, to: 'DE00' },
};

function template(more: object = {}, step: object = {}): Template {
  const steps = [
    { step_identifier: 'pay', index: 0, webhook: { ...webhook, ...more }, execution_conditions: [], ...step },
  ];
  const body = { success: true, data: { workflow_description: 'Pays vendors', workflow_steps: steps } };
  return readTemplate(parseExact(JSON.stringify(body))) ?? assert.fail('not a template');
}
const shown = (more: object = {}, step: object = {}) =>
  describeCall(template(more, step), 'pay', 0, 'key') ?? assert.fail('no such step');

describe('the call of a step', () => {
  test('has its method, address, query, body, conditions and the names of its headers', () => {
    const conditions = [{ field: 'amount', operator: 'greater_than', value: '100' }];
    const { description, parameters, hidden, cautions } = shown({}, { execution_conditions: conditions });
    const { [HEADER_VALUES]: _, ...visible } = parameters;
    assert.deepEqual(
      [description, visible, hidden, cautions],
      [
        'Pays vendors',
        {
          webhook: 'Pay the vendor',
          method: 'POST',
          address: 'https://bank.example/v1/payouts',
          'query.dry_run': false,
          'body.amount': 1,
          'body.to': 'DE00',
          conditions: 'amount greater_than 100',
          headers: 'Authorization, X-Account',
        },
        [HEADER_VALUES],
        [],
      ],
    );
  });

  const addresses: [object, string][] = [
    [{ domain: { protocol: 'https://', domain: 'a.example' }, path: 'x' }, 'https://a.example/x'],
    [{ domain: { protocol: null, domain: 'a.example' } }, 'a.example/v1/payouts'],
    [{ domain: { protocol: 'http', domain: 'a.example:8080' }, path: null }, 'http://a.example:8080'],
    [{ domain: null }, 'not given (path /v1/payouts)'],
    [{ domain: 'a.example', path: 7 }, 'not given'],
    [{ path: '/{{ initial.path }}?a=1' }, 'https://bank.example/{{ initial.path }}?a=1'],
  ];
  for (const [given, address] of addresses) {
    test(`address ${address}`, () => assert.equal(shown(given).parameters['address'], address));
  }

  const conditions: [unknown, unknown][] = [
    [null, undefined],
    [[], undefined],
    [[{ field: 'a', operator: 'eq', value: 1 }], 'a eq 1'],
    [
      [
        { field: 'a', operator: 'exists' },
        { field: 'b', operator: 'in', value: ['x'] },
      ],
      ['a exists', 'b in ["x"]'],
    ],
    [{ field: 'a', operator: 'eq', value: 'b' }, 'a eq b'],
    ['a > 1', ['a > 1']],
    [[{ all: [] }], [{ all: [] }]],
  ];
  for (const [given, expected] of conditions) {
    test(`conditions ${JSON.stringify(given)}`, () => {
      const { parameters } = shown({}, { execution_conditions: given });
      const found = parameters['conditions'];
      assert.deepEqual(found, typeof given === 'string' ? given : expected);
    });
  }

  test('has an object by its paths, unless they would have two readings', () => {
    const bodies: [unknown, object][] = [
      [
        { to: { name: 'x', list: [1, { a: 2 }] }, none: {} },
        { 'body.to.name': 'x', 'body.to.list': [1, { a: 2 }], 'body.none': {} },
      ],
      [{ 'to.iban': 1 }, { body: { 'to.iban': 1 } }],
      [{ 'a b': 1 }, { body: { 'a b': 1 } }],
      [[1], { body: [1] }],
      ['text', { body: 'text' }],
      [Object.fromEntries(Array.from({ length: 31 }, (_, at) => [`k${at}`, at])), {}],
    ];
    for (const [request_body_json, expected] of bodies) {
      const { parameters } = shown({ request_body_json });
      const found = Object.fromEntries(Object.entries(parameters).filter(([name]) => name.startsWith('body')));
      assert.deepEqual(found, Object.keys(expected).length === 0 ? { body: request_body_json } : expected);
    }
  });

  test('never has the value of a header, whatever the form of the headers', () => {
    const forms = [
      { Authorization: 'Bearer s3cret-value' },
      [{ name: 'Authorization', value: 'Bearer s3cret-value' }],
      [{ key: 'Authorization', value: 's3cret-value' }, 7],
      '{"Authorization":"s3cret-value"}',
      ['Authorization: s3cret-value'],
    ];
    for (const headers_json of forms) assert.doesNotMatch(JSON.stringify(shown({ headers_json })), /s3cret/);
    assert.equal(shown({ headers_json: forms[1] }).parameters['headers'], 'Authorization');
    assert.equal(shown({ headers_json: forms[3] }).parameters['headers'], 'given, in an unknown form');
    for (const headers_json of [{}, null, [], undefined]) assert.deepEqual(shown({ headers_json }).hidden, []);
  });

  test('names the values that are filled in when it runs', () => {
    const { cautions } = shown({
      path: '/{{ initial.path }}',
      headers_json: { Authorization: '{{ #key }}' },
      request_body_json: { a: ['{{ step.response.id }}', { '{{k}}': '{{ initial.path }} and {{ #two }}' }] },
    });
    assert.deepEqual(cautions, [
      '4 values are filled in when it runs, and can’t be shown: “#two”, initial.path, k, step.response.id',
    ]);
    const many = Array.from({ length: 9 }, (_, at) => `{{ v${at} }}`);
    assert.match(shown({ request_body_json: many }).cautions.join(), /^9 values .*: v0, v1, v2, v3, 5 more$/);
  });

  test('a key that is given twice is named as on the card, and numbers keep their digits', () => {
    const text = `{"success":true,"data":{"workflow_steps":[{"step_identifier":"pay","index":0,"webhook":
      {"method":"POST","request_body_json":{"amount":120.00,"amount":9007199254740993,"to":{"a":1,"a":2}}}}]}}`;
    const read = readTemplate(parseExact(text)) ?? assert.fail();
    const call = describeCall(read, 'pay', 0, 'key') ?? assert.fail();
    assert.deepEqual(call.deviations.repeated, ['body.amount', 'body.to.a']);
    assert.match(JSON.stringify(call.parameters), /"body.amount":9007199254740993,"body.to.a":2/);
  });

  test('of several steps of one name, the one at its position', () => {
    const step = (index: number, path: string) => ({ step_identifier: 'pay', index, webhook: { ...webhook, path } });
    const data = { workflow_steps: [step(0, '/a'), step(2, '/b'), { step_identifier: 'x' }, null] };
    const read = readTemplate({ success: true, data }) ?? assert.fail();
    assert.equal(describeCall(read, 'pay', 2, 'key')?.parameters['address'], 'https://bank.example/b');
    for (const [name, index] of [
      ['pay', 1],
      ['x', 0],
      ['y', 0],
    ] as const) {
      assert.equal(describeCall(read, name, index, 'key'), null);
    }
  });
});

test('what is not a template', () => {
  const bad = [
    null,
    {},
    { success: true },
    { success: false, data: { workflow_steps: [] } },
    { success: true, data: { workflow_steps: {} } },
  ];
  for (const body of bad) assert.equal(readTemplate(body), null);
});

test('law: whatever a template contains, the pause can be stored', () =>
  fc.assert(
    fc.property(fc.record({ webhook: oddJson, execution_conditions: oddJson }), oddJson, (step, headers_json) => {
      const webhookOf =
        typeof step.webhook === 'object' && step.webhook !== null ? { ...step.webhook, headers_json } : null;
      const steps = [{ step_identifier: 's', index: 0, ...step, webhook: webhookOf }];
      const read = readTemplate({ success: true, data: { workflow_steps: steps } }) ?? assert.fail();
      const [waiting] =
        readPage({
          success: true,
          data: [{ execution_plan_uuid: 'p', step_identifier: 's', workflow_index: 0, workflow_uuid: 'w' }],
        })?.steps ?? [];
      const pause = pauseOf(waiting ?? assert.fail(), aBrand, { type: 'read', template: read });
      pauseSchema.parse(pause);
    }),
  ));
