import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readConfig } from '../../src/config/config.ts';
import { wantedOf } from '../../src/doctor/wanted.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { policyOf } from '../../src/start/policy-of.ts';

const slack = {
  SLACK_BOT_TOKEN: 'xoxb-1',
  SLACK_APP_TOKEN: 'xapp-1-A1-1-x',
  ASK_TOKENS: 'deploy=a-token-of-24-letters-aa',
};

describe('what the settings need of a platform', () => {
  test('is its channel, the places of alerts, and everyone whom they name', () => {
    const config = readConfig({
      ...slack,
      SLACK_CHANNEL: 'C0000000001',
      ALERTS: 'slack:C0000000001,slack:C0000000002,discord:1000000000000000001',
      REVIEWERS: 'slack:U0000000001,slack:group:S0000000001,discord:1000000000000000002',
      DISCORD_TOKEN: 'abc.def.ghi',
      DISCORD_CHANNEL: '1000000000000000001',
      DIRECT_MESSAGES: 'slack:U0000000002',
      PING: 'slack:U0000000003',
    });
    assert.deepEqual(wantedOf('slack', config, policyOf(config)), {
      rooms: [
        { room: 'C0000000001', for: ['cards', 'alerts'], where: 'SLACK_CHANNEL' },
        { room: 'C0000000002', for: ['alerts'], where: 'ALERTS' },
      ],
      people: [
        { kind: 'user', id: 'U0000000001', decides: true, direct: false, where: 'REVIEWERS' },
        { kind: 'group', id: 'S0000000001', decides: true, direct: false, where: 'REVIEWERS' },
        { kind: 'user', id: 'U0000000003', decides: false, direct: false, where: 'PING or RUN_STARTERS' },
        { kind: 'user', id: 'U0000000002', decides: false, direct: true, where: 'DIRECT_MESSAGES' },
      ],
      rules: [
        {
          where: 'SLACK_CHANNEL',
          rooms: ['C0000000001'],
          deciders: [
            { kind: 'user', id: 'U0000000001' },
            { kind: 'group', id: 'S0000000001' },
          ],
        },
      ],
    });
    assert.deepEqual(wantedOf('discord', config, policyOf(config)).rooms, [
      { room: '1000000000000000001', for: ['cards', 'alerts'], where: 'DISCORD_CHANNEL' },
    ]);
  });

  test('is what each rule of the policy file names, with the rule', () => {
    const text = [
      'version: 1',
      'people:',
      '  mara: [slack:U0000000001]',
      'groups:',
      '  finance: [mara, slack:group:S0000000001]',
      'rules:',
      '  - name: refunds',
      '    match: { tool: refund }',
      '    rooms: [slack:C0000000005]',
      '    approve: { by: [finance] }',
      '    escalate: [{ after: 1h, rooms: [slack:C0000000006], mention: [slack:U0000000002] }]',
      '  - name: everything else',
      '    rooms: [slack:C0000000001]',
      '    approve: { by: [mara] }',
      '',
    ].join('\n');
    const config = readConfig(slack, null, { path: 'countersign.yml', text, loadPolicy });
    assert.deepEqual(wantedOf('slack', config, policyOf(config)), {
      rooms: [
        { room: 'C0000000005', for: ['cards'], where: 'countersign.yml, rule refunds' },
        { room: 'C0000000006', for: ['cards'], where: 'countersign.yml, rule refunds' },
        { room: 'C0000000001', for: ['cards'], where: 'countersign.yml, rule everything else' },
      ],
      people: [
        { kind: 'user', id: 'U0000000001', decides: true, direct: false, where: 'countersign.yml, rule refunds' },
        { kind: 'group', id: 'S0000000001', decides: true, direct: false, where: 'countersign.yml, rule refunds' },
        { kind: 'user', id: 'U0000000002', decides: false, direct: false, where: 'countersign.yml, rule refunds' },
      ],
      rules: [
        {
          where: 'countersign.yml, rule refunds',
          rooms: ['C0000000005'],
          deciders: [
            { kind: 'user', id: 'U0000000001' },
            { kind: 'group', id: 'S0000000001' },
          ],
        },
        {
          where: 'countersign.yml, rule everything else',
          rooms: ['C0000000001'],
          deciders: [{ kind: 'user', id: 'U0000000001' }],
        },
      ],
    });
  });
});
