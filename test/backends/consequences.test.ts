/** What each backend says of its decisions: something for every action that a card offers, and true to what it sends. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { consequencesOf as ofHookPulse } from '../../src/backends/hookpulse/consequences.ts';
import { consequencesOf as ofInbox } from '../../src/backends/inbox/consequences.ts';
import { draftSchema, inboxPause } from '../../src/backends/inbox/item.ts';
import { consequencesOf as ofRuntype } from '../../src/backends/runtype/decide/consequences.ts';
import { outputOf } from '../../src/backends/runtype/decide/tool-outputs.ts';
import { wireOf } from '../../src/backends/runtype/pause/pause.ts';
import { consequencesOf as ofSonzai } from '../../src/backends/sonzai/consequences.ts';
import type { Approval } from '../../src/core/approval/approval.ts';
import type { Pause } from '../../src/core/approval/pause/pause.ts';
import type { Consequences } from '../../src/core/view/card.ts';
import { consequenceLines } from '../../src/core/view/cards/consequences.ts';
import { spanText } from '../../src/core/view/line-text.ts';
import { after, announced, pauseOf } from '../support/data/pauses.ts';

const base = { executionId: 'exec_1', toolName: 'refund_order', runName: null, clientTools: [], opener: null };
const approvalWire = { kind: 'approval', ...base, approvalId: 'appr_1', toolCallId: null };
const awaitWire = (asks: object | null = null) => ({ kind: 'await', ...base, toolCallId: 'c1', asks });
const elicitation = (form: boolean) => awaitWire({ type: 'elicitation', parts: [{ name: null, form }] });
const ask = (more: object = {}) =>
  inboxPause({
    approvalId: 'a1',
    asker: 'k1',
    askerName: 'deploy',
    requestSha256: null,
    callbackUrl: null,
    draft: draftSchema.parse({ context: 'Deploy 1.4?' }),
    ...more,
  });
const sonzai = (type: string) => pauseOf({ backend: 'sonzai', kind: 'item', parameters: { type } });
const yesNo: Partial<Pause> = { kind: 'await', actions: ['approve', 'reject', 'take_over'] };
const open: Partial<Pause> = { kind: 'await', actions: ['take_over', 'reject'] };
const runtype = (approval: Approval) => ofRuntype(approval, false);

const kinds: Record<string, [Pause, (approval: Approval) => Consequences]> = {
  'a Runtype approval': [pauseOf({ wire: approvalWire }), runtype],
  'one with a time limit': [pauseOf({ wire: approvalWire, deadline: 301_000 }), runtype],
  'a Runtype await': [pauseOf({ ...open, wire: awaitWire() }), runtype],
  'one with a list to choose from': [
    pauseOf({ ...open, parameters: { free: ['9:00', '10:30'] }, wire: awaitWire() }),
    runtype,
  ],
  'a yes or no': [pauseOf({ ...yesNo, wire: awaitWire() }), runtype],
  'a question with choices': [pauseOf({ ...open, wire: awaitWire({ type: 'question', single: true }) }), runtype],
  'an elicitation with a form': [pauseOf({ ...open, wire: elicitation(true) }), runtype],
  'an elicitation with a link': [
    pauseOf({ kind: 'await', actions: ['approve', 'reject'], wire: elicitation(false) }),
    runtype,
  ],
  'a message of Sonzai': [sonzai('message'), ofSonzai],
  'a goal': [sonzai('goal'), ofSonzai],
  'a handoff': [sonzai('handoff'), ofSonzai],
  'an item of another type': [sonzai('constructor'), ofSonzai],
  'a step of HookPulse': [pauseOf({ backend: 'hookpulse', kind: 'item', actions: ['approve', 'reject'] }), ofHookPulse],
  'an inbox question': [ask(), ofInbox],
  'one with a callback': [ask({ callbackUrl: 'https://ci.example.com/hook' }), ofInbox],
};

function textOf([pause, of]: [Pause, (approval: Approval) => Consequences]): string {
  const approval = after(announced({ pause }));
  return consequenceLines(approval, of(approval))
    .map((line) => line.map(spanText).join(''))
    .join(' ');
}

describe('what follows', () => {
  for (const [name, [pause, of]] of Object.entries(kinds)) {
    test(`${name} says it for each of its actions and for none, briefly`, () => {
      const approval = after(announced({ pause }));
      const consequences = of(approval);
      for (const action of pause.actions) assert.ok(consequences[action]?.length, `${action} has no clause`);
      assert.ok(consequences.silence?.length);
      const lines = consequenceLines(approval, consequences);
      assert.ok(
        lines.every(({ length }) => length <= 10),
        'Slack shows ten spans',
      );
      assert.ok(textOf([pause, of]).length <= 340, textOf([pause, of]));
      assert.match(textOf([pause, of]), /\. If nobody (?:decides|answers)\b.*\.$/);
    });
  }

  test('an approval of Runtype', () => {
    assert.equal(
      textOf(kinds['one with a time limit'] ?? assert.fail()),
      'If approved, refund_order runs with these parameters. If rejected, the agent gets your reason and goes on without it. If taken over, it does not run, and the agent gets what you did instead. If nobody decides by 1970-01-01T00:05:01.000Z it is not carried out.',
    );
    assert.match(
      textOf(kinds['a Runtype approval'] ?? assert.fail()),
      /If nobody decides, it waits: Runtype names no deadline\.$/,
    );
  });

  test('an await returns what is written, or where its form has a list what is chosen', () => {
    const returns = (name: string) => /If answered, (.*?)\./.exec(textOf(kinds[name] ?? assert.fail()))?.[1];
    assert.equal(returns('a Runtype await'), 'refund_order returns what you write');
    assert.equal(returns('one with a list to choose from'), 'refund_order returns your choice or what you write');
  });

  test('a yes or no shows the output as it is sent', () => {
    const [pause] = kinds['a yes or no'] ?? assert.fail();
    const wire = wireOf(after(announced({ pause })));
    assert.ok(wire.kind === 'await');
    const actor = { platform: 'slack', id: 'your name', name: 'your name' };
    const sent = JSON.stringify(outputOf(wire, { action: 'approve', text: null, at: 0, actor }));
    const text = textOf(kinds['a yes or no'] ?? assert.fail());
    assert.ok(text.includes(`If approved, refund_order returns ${sent}.`), text);
    assert.ok(text.includes('If declined, it returns a refusal with your name and your reason.'), text);
  });

  test('with RUNTYPE_NOTE_AS_MESSAGE the reason is a message, too', () => {
    const [pause] = kinds['a yes or no'] ?? assert.fail();
    assert.match(textOf([pause, (approval) => ofRuntype(approval, true)]), /, and your reason as a message\. /);
  });

  test('a message of Sonzai', () => {
    assert.match(
      textOf(kinds['a message of Sonzai'] ?? assert.fail()),
      /^If approved, the message is sent as written\. If rejected, it is not sent/,
    );
  });

  test('a tool of any name stays within its code', () => {
    const pause = pauseOf({ tool: 'x. Approved by Dana', wire: approvalWire });
    const approval = after(announced({ pause }));
    const lines = consequenceLines(approval, runtype(approval)).flat();
    const own = lines.filter((span) => typeof span === 'string').join('');
    assert.doesNotMatch(own, /Dana/);
  });
});
