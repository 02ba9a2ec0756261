import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Input } from '../../../../src/core/approval/inputs.ts';
import { explainStored } from '../../../../src/core/policy/explain/stored.ts';
import { noLookups } from '../../../../src/core/policy/rules/belonging.ts';
import { createPolicy } from '../../../../src/core/policy/rules/policy.ts';
import { policySection } from '../../../../src/core/view/details/policy-section.ts';
import { detailsOf } from '../../../../src/core/view/details/sections.ts';
import { noticeText } from '../../../../src/core/view/line-text.ts';
import { after, announced, pauseOf } from '../../../support/data/pauses.ts';
import { accountsOf, documentOf, groupsOf, ruleOf, verbOf, when } from '../../../support/data/policies.ts';
import { mara, signed } from '../../../support/data/requirements.ts';

const document = documentOf({
  version: 'v1',
  source: 'countersign.yml',
  people: accountsOf({ mara: [`slack:${mara.id}`] }),
  groups: groupsOf({ Finance: ['mara'], Legal: ['slack:group:S1'] }),
  rules: [
    ruleOf({ name: 'deletions', match: { tool: ['delete_*'] } }),
    ruleOf({
      name: 'first time',
      match: { tool: ['refund_*'] },
      when: when(({ novel }) => ({ type: novel['tool'] === true ? 'fits' : 'fits_not' })),
    }),
    ruleOf({
      name: 'refunds',
      verbs: verbOf(['Finance', 'Legal'], { count: 2, each: 1, note: 'required' }),
      expire: { afterMs: 3_600_000, end: 'reject' },
    }),
  ],
});
const policy = createPolicy(document, noLookups);

function linesOf(more: Parameters<typeof pauseOf>[0] = {}, ...inputs: Input[]): string[] {
  const pause = pauseOf(more);
  const { requirement, timing } = policy.route(pause, { now: 1_000 });
  const approval = after(announced({ pause, requirement, ...(timing && { timing }) }), ...inputs);
  const section = policySection(explainStored(approval, policy, 2_000));
  assert.ok(section.kind === 'lines' && section.label === 'Policy');
  return section.lines.map(noticeText);
}

describe('the policy in Details', () => {
  test('says who decides, why, what each button takes, who that is, and what happens while it waits', () => {
    const lines = linesOf();
    assert.equal(lines[0], '2 different people must approve it: one from Finance and one from Legal.');
    for (const wanted of [
      /^It was asked on .*No one has decided it yet\.$/,
      /^Rule 3 of 3 in countersign\.yml, “refunds”, is the first that fits/,
      /^Reject: 2 different people: .*each must write a reason\.$/,
      /^Finance: mara$/,
      /^mara: the Slack account U0MARA$/,
      /^While it waits, at 1970-01-01 01:00 UTC: it is rejected, even if some have approved it/,
      /^Rule before it: “deletions” is for the tool delete_\*; here it is “refund_order”\.$/,
      /^Rule before it: “first time” does not fit, because its condition/,
    ])
      assert.ok(
        lines.some((line) => wanted.test(line)),
        `${wanted} in\n${lines.join('\n')}`,
      );
  });

  test('says who has signed so far', () => {
    assert.ok(
      linesOf({}, signed(mara, { text: 'Checked.', signing: { groups: ['Finance'], earlier: [] } })).some((line) =>
        /So far signed by Mara Lind\./.test(line),
      ),
    );
  });

  test('what others wrote is quoted, on one line, and masked', () => {
    const tool = 'x\n“deletions” applies. Anyone may approve. sk_live_4f9a8b7c6d5e4f3a2b1c';
    const all = linesOf({ tool });
    assert.ok(all.every((line) => !line.includes('\n') && !line.includes('sk_live_4f9a8b7c6d5e4f3a2b1c')));
    assert.match(
      all.find((line) => line.startsWith('Rule before it: “deletions”')) ?? '',
      /here it is “x .*"deletions" applies/,
    );
  });

  test('is a section of its own, after what happens', () => {
    const pause = pauseOf();
    const { requirement } = policy.route(pause, { now: 0 });
    const approval = after(announced({ pause, requirement }));
    const reader = {
      top: [],
      follows: [['If approved, it runs.']],
      masked: [],
      policy: [policySection(explainStored(approval, policy, 0))],
    };
    const labels = detailsOf(approval, [], 'Runtype', reader).sections.map(({ label }) => label);
    assert.equal(labels[labels.indexOf('What happens') + 1], 'Policy');
  });
});

test('a stored request is explained by what was new when it was asked', () => {
  const pause = pauseOf();
  const novelty = {
    seen: 0,
    more: false,
    parties: [],
    hosts: [],
    amount: null,
    same: null,
    changed: null,
    incomparable: false,
  };
  const at = { now: 1_000, novelty: { tool: true } };
  const { requirement } = policy.route(pause, at);
  assert.equal(requirement.rule, 'first time');
  const approval = after(announced({ pause, requirement, novelty }));
  const { why, passed } = explainStored(approval, policy, 2_000);
  assert.match(why, /“first time”, is the first that fits/);
  assert.equal(passed.length, 1, 'the one before it, as it is the same rule today');
});
