import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { encodeButtonId } from '../../../../src/core/view/button-id.ts';
import { Organisation } from '../../../../src/platforms/slack/inbound/organisation.ts';
import { parseClick, parseSubmission } from '../../../../src/platforms/slack/inbound/parse-press.ts';
import { buttonId } from '../support.ts';

const home = 'T1';
const ours = new Organisation({ teamId: home, enterpriseId: null }, async () => {});
const click = {
  type: 'block_actions',
  team: { id: home, domain: 'acme' },
  user: { id: 'U1', username: 'dana', name: 'dana', team_id: home },
  channel: { id: 'C1', name: 'approvals' },
  message: { ts: '2.1', thread_ts: '1.1' },
  response_url: 'https://hooks.slack.com/actions/1',
  trigger_id: '1.2.3',
  actions: [{ type: 'button', action_id: 'countersign.approve', action_ts: '3.1', value: encodeButtonId(buttonId) }],
};
const submission = {
  type: 'view_submission',
  team: { id: home },
  user: click.user,
  view: {
    id: 'V1',
    private_metadata: JSON.stringify({ aim: encodeButtonId(buttonId), channel: 'C1', thread: '1.1' }),
    submit: { type: 'plain_text', text: 'Reject' },
    state: { values: { text: { text: { type: 'plain_text_input', value: null } } } },
  },
};

describe('Slack’s payloads', () => {
  test('a click, and where its private answers go', () => {
    assert.deepEqual(parseClick(click, ours), {
      type: 'press',
      press: {
        id: 'slack:T1:U1:3.1:countersign.approve',
        platform: 'slack',
        actor: { platform: 'slack', id: 'U1', name: 'dana' },
        roles: [],
        buttonId,
        form: null,
      },
      target: {
        user: 'U1',
        channel: 'C1',
        thread: '1.1',
        responseUrl: 'https://hooks.slack.com/actions/1',
        inHome: false,
      },
      trigger: { triggerId: '1.2.3', viewId: null },
      pressed: null,
    });
    const root = parseClick({ ...click, message: { ts: '1.1', thread_ts: '1.1' } }, ours);
    assert.equal(root.target?.thread, null);
  });

  const pressedOn = (more: object) => {
    const read = parseClick({ ...click, message: { ts: '2.1' }, ...more }, ours);
    return read.type === 'press' ? read.pressed : assert.fail();
  };

  test('a click that allows its message to be edited: one in the room that all see', () => {
    const url = click.response_url;
    assert.deepEqual(pressedOn({}), { room: 'C1', message: '2.1', url });
    assert.deepEqual(pressedOn({ message: { ts: '2.1', thread_ts: '2.1' } }), { room: 'C1', message: '2.1', url });
    assert.equal(pressedOn({ message: { ts: '2.1', thread_ts: '1.1' } }), null, 'a reply');
    assert.equal(pressedOn({ message: undefined }), null, 'seen by one person');
    assert.equal(pressedOn({ response_url: null }), null);
    assert.equal(pressedOn({ response_url: 'no address' }), null);
  });

  test('an empty field is an empty text', () => {
    const read = parseSubmission(submission, ours);
    assert.equal(read.type, 'press');
    assert.deepEqual(read.type === 'press' && read.press.form, { text: '' });
    assert.deepEqual(read.target, { user: 'U1', channel: 'C1', thread: '1.1', responseUrl: null, inHome: false });
  });

  const strangers: [string, object][] = [
    ['the workspace is another one', { team: { id: 'T2' } }],
    ['the person is a guest of a shared channel', { user: { ...click.user, team_id: 'T2' } }],
    ['nobody says which workspace', { team: null, user: { id: 'U1' } }],
  ];
  for (const [name, more] of strangers) {
    test(`are foreign where ${name}`, () => {
      for (const read of [parseClick({ ...click, ...more }, ours), parseSubmission({ ...submission, ...more }, ours)]) {
        assert.equal(read.type === 'unsupported' && read.reason, 'foreign');
        assert.equal(read.target?.user, 'U1');
      }
    });
  }

  test('of any other shape are unreadable, and never an exception', () => {
    const spoil = <T extends object>(whole: T) =>
      fc
        .tuple(fc.constantFrom(...(Object.keys(whole) as (keyof T)[])), fc.anything())
        .map(([key, value]) => ({ ...whole, [key]: value }));
    fc.assert(
      fc.property(fc.oneof(fc.anything(), spoil(click), spoil(submission)), (body) => {
        for (const read of [parseClick(body, ours), parseSubmission(body, ours)]) {
          if (read.type === 'press') assert.deepEqual(read.press.buttonId, buttonId);
        }
      }),
      { numRuns: 500 },
    );
    const forged = { ...submission, view: { ...submission.view, private_metadata: '{"aim":"cs2.x.z.y"}' } };
    assert.equal(parseSubmission(forged, ours).type, 'unsupported');
  });
});
