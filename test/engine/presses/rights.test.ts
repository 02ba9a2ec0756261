/** What a person reads whose press the policy refuses, in rules whose verbs are for different people. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Action } from '../../../src/core/approval/pause/pause.ts';
import type { Person } from '../../../src/core/approval/person.ts';
import { discordRoom, slackRoom } from '../../support/data/pauses.ts';
import { accountsOf, documentOf, ruleOf, verbOf } from '../../support/data/policies.ts';
import { ask, withEngine } from '../../support/worlds/engine.ts';

const mara = { platform: 'slack', id: 'U0MARA', name: 'Mara Lind' };
const jon = { platform: 'slack', id: 'U0JON', name: 'Jon Weber' };
const stranger = { platform: 'slack', id: 'U0KIT', name: 'Kit Moreau' };

/** Mara approves, and both reject. */
const document = documentOf({
  people: accountsOf({ mara: ['slack:U0MARA'], jon: ['slack:U0JON'] }),
  rules: [
    ruleOf({
      rooms: [slackRoom, discordRoom],
      verbs: { ...verbOf(['mara'], {}, ['approve']), ...verbOf(['mara', 'jon'], {}, ['reject']) },
    }),
  ],
});

test('a refused press names those who may press that button, and what else the person may press', () =>
  withEngine(
    async (engine) => {
      const buttonId = await ask(engine);
      const textOf = async (actor: Person['actor'], action: Action) => {
        const answer = await engine.onPress(engine.press({ actor, buttonId: { ...buttonId, action } }));
        return answer.type === 'refused' ? answer.text : answer.type;
      };
      // No platform of this engine knows names: they are counted.
      assert.equal(
        await textOf(jon, 'approve'),
        'You can’t press Approve on this request. 1 reviewer can. You can press Reject.',
      );
      assert.equal(
        await textOf(stranger, 'approve'),
        'You can’t decide this request: you are not one of its reviewers. 1 reviewer can.',
      );
      assert.equal(
        await textOf(stranger, 'reject'),
        'You can’t decide this request: you are not one of its reviewers. 2 reviewers can.',
      );
      assert.equal(
        await textOf(mara, 'take_over'),
        'You can’t press Take over on this request. No one can: countersign.yml names no one. You can press Approve and Reject.',
      );
    },
    { document },
  ));
