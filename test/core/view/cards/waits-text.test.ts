import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Input } from '../../../../src/core/approval/inputs.ts';
import type { ClaimAhead } from '../../../../src/core/approval/parts/claim.ts';
import { claimMark } from '../../../../src/core/approval/steps/take-over.ts';
import { parseButtonId } from '../../../../src/core/view/button-id.ts';
import { renderCard } from '../../../../src/core/view/cards/approval-card.ts';
import { spanText } from '../../../../src/core/view/line-text.ts';
import { after, announced, dana, pauseOf, pressed, sam } from '../../../support/data/pauses.ts';

const noon = Date.UTC(2026, 10, 29, 12, 30);
const claimOf = (approvalId: string, actor = dana): ClaimAhead => ({
  approvalId,
  claim: { actor, since: noon - 1_000, until: noon },
});
const together = announced({ pause: pauseOf({ kind: 'await', groupId: 'g' }) });

function cardThat(others: number, claims: readonly ClaimAhead[]) {
  const waits: Input = { type: 'waiting', others, claims };
  return renderCard(after(together, pressed({ actor: sam }), waits), { backend: 'Runtype' });
}

const said = (others: number, claims: readonly ClaimAhead[]) =>
  cardThat(others, claims).status.slice(2).map(spanText).join('');
const labels = (others: number, claims: readonly ClaimAhead[]) =>
  cardThat(others, claims).buttons.map(({ label }) => label);

test('a decided card names who has claimed what it waits for', () => {
  const until = new Date(noon).toISOString();
  assert.equal(said(1, []), ' Will be sent once the other question of this run is answered.');
  assert.equal(
    said(1, [claimOf('ap2')]),
    ` Will be sent once Dana Reyes, who has claimed the other question until ${until}, has answered. Release ends that claim.`,
  );
  assert.equal(
    said(2, [claimOf('ap2'), claimOf('ap3', sam)]),
    ' Will be sent once the 2 other questions of this run are answered.' +
      ` Dana Reyes has claimed one until ${until}. Sam Okafor has claimed one until ${until}.`,
  );
  const many = ['2', '3', '4', '5', '6'].map((id) => claimOf(id));
  assert.match(said(6, many), /the 6 other questions .* 2 more are claimed\.$/);
});

test('it offers Release for each claim that it names, bound to that claim', () => {
  assert.deepEqual(labels(1, []), ['Details']);
  assert.deepEqual(labels(1, [claimOf('ap2')]), ['Release', 'Details']);
  assert.deepEqual(labels(2, [claimOf('ap2'), claimOf('ap3', sam)]), [
    'Release (Dana Reyes)',
    'Release (Sam Okafor)',
    'Details',
  ]);
  const many = ['2', '3', '4', '5', '6'].map((id) => claimOf(id));
  assert.equal(labels(6, many).length, 4, 'a row of Discord has five');
  const [release] = cardThat(1, [claimOf('ap2')]).buttons;
  const { claim } = claimOf('ap2');
  assert.deepEqual(parseButtonId(release?.id ?? ''), {
    approvalId: 'ap2',
    action: 'hand_back',
    fingerprint: claimMark(claim),
  });
});

test('the card that was claimed says who ended the claim', () => {
  const hold: Input = { type: 'held', actor: dana, fingerprint: 'd1', until: 90_000, right: 'allowed' };
  const waited = { right: 'allowed', shown: claimMark({ since: 1_001 }) } as const;
  const { status } = renderCard(after(together, hold, { type: 'handed_back', actor: sam, waited }), {
    backend: 'Runtype',
  });
  assert.match(status.map(spanText).join(''), /^Needs a decision\..* Sam Okafor ended the claim of Dana Reyes\.$/);
});
