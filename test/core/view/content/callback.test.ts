/** What a card says about where its answer goes. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { subjectText } from '../../../../src/core/approval/subject.ts';
import { completeLines } from '../../../../src/core/view/cards/digest/lines.ts';
import { callbackOf } from '../../../../src/core/view/content/callback.ts';
import { isWhole } from '../../../../src/core/view/content/seen.ts';
import { after, announced, pauseOf } from '../../../support/data/pauses.ts';

const to = (callback: string) => after(announced({ pause: pauseOf({ address: { callback } }) }));

describe('the address of the answer', () => {
  const shown: [url: string, text: string][] = [
    ['https://host.example/', 'host.example'],
    ['https://host.example:8443/hooks/deploy?run=7', 'host.example:8443/hooks/deploy?run=7'],
    ['https:\\\\HOST.example\\payout', 'host.example/payout'],
    ['https://host.example/staging/../payout', 'host.example/payout'],
    ['nonsense', 'an unreadable address'],
  ];
  for (const [url, text] of shown) test(`${url}: ${text}`, () => assert.equal(callbackOf(to(url).pause)?.text, text));

  test('says its path, so that two receivers of one host are not alike', () => {
    const [restart, payout] = [to('https://host.example/staging/restart'), to('https://host.example/payout/approve')];
    assert.notEqual(callbackOf(restart.pause)?.text, callbackOf(payout.pause)?.text);
    assert.notEqual(subjectText(restart.pause), subjectText(payout.pause));
  });

  test('that is cut in the middle shows both ends, and is read in Details before it is approved', () => {
    const long = to(`https://host.example/begin/${'x/'.repeat(90)}the-end`);
    const callback = callbackOf(long.pause);
    assert.match(callback?.text ?? '', /^host\.example\/begin\/.* … .*the-end$/);
    assert.ok((callback?.text.length ?? 0) < 120 && (callback?.hidden ?? 0) > 80);
    assert.equal(isWhole(long), false);
    assert.equal(isWhole(to('https://host.example/begin')), true);
  });

  test('keeps a secret in it hidden', () => {
    const text = callbackOf(to('https://host.example/hook?password=hunter2-Zx81kq').pause)?.text ?? '';
    assert.ok(text.startsWith('host.example/hook?password=') && !text.includes('hunter2'), text);
  });

  test('is on no line of a digest, so a digest does not decide', () => {
    assert.deepEqual(completeLines([to('https://host.example/a'), to('https://host.example/a')]), [false, false]);
  });
});
