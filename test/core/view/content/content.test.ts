import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderCard } from '../../../../src/core/view/cards/approval-card.ts';
import { contentOf } from '../../../../src/core/view/content/content.ts';
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
  const card = renderCard(approval, { backend: 'Runtype' });
  const once = reads;
  assert.ok(once > 0);
  for (let draw = 0; draw < 5; draw += 1) assert.deepEqual(renderCard(approval, { backend: 'Runtype' }), card);
  assert.equal(reads, once);
  const other = after(announced({ pause: pauseOf({ parameters: { amount: 6 } }), fingerprint: 'e'.repeat(22) }));
  assert.match(renderCard(other, { backend: 'Runtype' }).body?.text ?? '', /6/);
});

test('a mask is not taken for a look-alike, and hides none beside it', () => {
  const lookAlikes = (parameters: Record<string, unknown>) =>
    contentOf(after(announced({ pause: pauseOf({ parameters, description: null, reason: null }) }))).lookAlikes;
  const secrets = [
    'postgres://app:Hunter22@db.example/shop',
    'https://ops:Hunter22secret@db.example:5432/x?y=1',
    'пароль: postgres://app:Hunter22@db.example и https://u:Hunter22@x.example',
    'password: •••••• and https://api.example/?token=Zx81kQpL02mVbN77',
  ];
  for (const url of secrets) assert.deepEqual(lookAlikes({ url }), [], url);
  assert.deepEqual(lookAlikes({ url: 'postgres://app:Hunter22@аpple.example/shop' }), [
    { text: 'аpple.example', is: 'is xn--pple-43d.example' },
  ]);
});
