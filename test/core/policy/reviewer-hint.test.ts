import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { suggestedReviewer, suggestedRoom } from '../../../src/core/policy/reviewer-hint.ts';
import { ids } from '../../support/ids.ts';

describe('what an entry was probably meant to be', () => {
  const meant: [string, string | null][] = [
    ['<@U0123>', 'slack:U0123'],
    ['slack:<@U0123|dana>', 'slack:U0123'],
    ['slack:group:U0123', 'slack:U0123'],
    ['slack:S0456', 'slack:group:S0456'],
    ['<!subteam^S0456>', 'slack:group:S0456'],
    ['Slack:u0123', 'slack:U0123'],
    ['slack/U0123', 'slack:U0123'],
    ['slack: U0123', 'slack:U0123'],
    ['U0123', 'slack:U0123'],
    ['Discord:789', 'discord:789'],
    ['discord:group:789', 'discord:789'],
    ['<@789>', 'discord:789'],
    ['<@&789>', 'discord:role:789'],
    ['discord:role:<@&789>', 'discord:role:789'],
    ['role:789', 'discord:role:789'],
    ['789', 'discord:789'],
    ['teams:789', null],
    ['dana', null],
    ['slack:dana', null],
    ['@dana', null],
    ['slack:C0123', null],
    ['discord:dana', null],
    ['', null],
  ];
  for (const [entry, expected] of meant) {
    test(`${entry} → ${expected}`, () => assert.equal(suggestedReviewer(entry, ids), expected));
  }

  test('for a room', () => {
    const [slack, discord] = ids;
    assert.ok(slack && discord);
    assert.equal(suggestedRoom('https://acme.slack.com/archives/C0123', slack), 'C0123');
    assert.equal(suggestedRoom('https://app.slack.com/client/T0111/C0123', slack), 'C0123');
    assert.equal(suggestedRoom('<#C0123|approvals>', slack), 'C0123');
    assert.equal(suggestedRoom('#approvals', slack), null);
    assert.equal(suggestedRoom('https://discord.com/channels/111/222', discord), '222');
    assert.equal(suggestedRoom('<#222>', discord), '222');
    assert.equal(suggestedRoom('approvals', discord), null);
  });
});
