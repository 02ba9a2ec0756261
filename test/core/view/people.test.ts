import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withNames } from '../../../src/core/view/people.ts';
import { renderLine } from '../../../src/platforms/discord/render/message.ts';

const dana = { platform: 'slack', id: 'U0DANA', name: 'Dana *Reyes*' };

test('names take the place of people, and join their neighbours of the same style', () => {
  const line = [{ strong: 'Approved by ' }, { person: dana, strong: true }, { strong: '.' }, ' ', 'Sending'];
  assert.deepEqual(withNames(line), [{ strong: 'Approved by Dana *Reyes*.' }, ' Sending']);
  assert.deepEqual(withNames(['by ', { person: dana }, '; ', { code: 'x' }]), ['by Dana *Reyes*; ', { code: 'x' }]);
  assert.equal(renderLine(line, 200), '**Approved by Dana \\*Reyes\\*.** Sending');
});

test('a name is one visible line, and the ID where there is none', () => {
  assert.deepEqual(withNames([{ person: { ...dana, name: 'Dana\n\u202eReyes' } }]), ['Dana ⟨U+202E⟩Reyes']);
  assert.deepEqual(withNames([{ person: { ...dana, name: ' ' } }]), ['U0DANA']);
  assert.deepEqual(withNames([{ person: { ...dana, platform: 'application' } }]), ['The application']);
});
