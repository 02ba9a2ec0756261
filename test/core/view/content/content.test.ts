import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderCard } from '../../../../src/core/view/cards/approval-card.ts';
import { after, announced, pauseOf } from '../../../support/data/pauses.ts';

test('a request is masked and laid out once, however often its card is drawn', () => {
  let reads = 0;
  const parameters = {
    get amount() {
      reads += 1;
      return 5;
    },
    list: Array.from({ length: 1_000 }, (_, at) => at),
  };
  const fingerprint = 'f'.repeat(22);
  const approval = after(announced({ pause: pauseOf({ parameters }), fingerprint }));
  const card = renderCard(approval, 'Runtype');
  const once = reads;
  assert.ok(once > 0);
  for (let draw = 0; draw < 5; draw += 1) assert.deepEqual(renderCard(approval, 'Runtype'), card);
  assert.equal(reads, once);
  const other = after(announced({ pause: pauseOf({ parameters: { amount: 6 } }), fingerprint: 'e'.repeat(22) }));
  assert.match(renderCard(other, 'Runtype').body?.text ?? '', /6/);
});
