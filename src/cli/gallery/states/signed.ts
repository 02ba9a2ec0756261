/** Cards that several people sign. Tested in test/browser/gallery.test.ts. */
import type { Input } from '../../../core/approval/inputs.ts';
import {
  type BuildState,
  dana,
  type Event,
  type GalleryState,
  jon,
  lea,
  MINUTE_MS,
  mara,
  onItsWay,
  places,
  recorded,
  sam,
} from '../build-state.ts';
import { largeRefund } from '../pauses.ts';
import { galleryPolicy, pressedBy, ruledBy, samAway } from '../policy.ts';

export function signedStates(state: BuildState, now: number): GalleryState[] {
  const policy = galleryPolicy();
  const asked = { pause: largeRefund, more: ruledBy(policy, largeRefund, now) };
  const byDana = pressedBy(policy, 'approve', dana, 'The invoice matches.');
  const bySam = pressedBy(policy, 'approve', sam);
  const changed = { ...largeRefund, parameters: { ...largeRefund.parameters, amount: 1_480 } };
  const announced: Input = {
    type: 'announced',
    id: 'ap-changed',
    pause: changed,
    fingerprint: 'd2',
    via: 'stream',
    streamOpen: false,
    recurs: false,
    places,
    ...ruledBy(policy, changed, now),
  };
  const away = galleryPolicy([samAway(now)]);
  const all: [name: string, caption: string, ...events: Event[]][] = [
    ['signed-none', 'Two people sign: no one has'],
    ['signed-one', 'Two people sign: one has', byDana],
    [
      'signed-withdrawn',
      'Two people sign: one has withdrawn',
      byDana,
      { type: 'unsigned', actor: policy.identify(dana) },
    ],
    ['signed-void', 'Two people sign: the request has changed since', byDana, announced],
    [
      'signed-both-ways',
      'Two people sign: one has, another rejects',
      byDana,
      pressedBy(policy, 'reject', jon, 'Wrong customer'),
    ],
    ['signed-sending', 'Two people have signed, on its way', byDana, bySam, onItsWay],
    ['signed-all', 'Two people have signed', byDana, bySam, onItsWay, recorded],
  ];
  return [
    ...all.map(([name, caption, ...events]) => ({ ...state(name, caption, asked, ...events), policy })),
    {
      ...state('signed-deputy', 'Two people sign: a deputy has', asked, pressedBy(away, 'approve', lea)),
      policy: away,
    },
    {
      ...state('signed-claimed', 'Two people sign: one has, and another has claimed it', asked, byDana, {
        type: 'held',
        actor: mara,
        fingerprint: 'd1',
        until: now + 30 * MINUTE_MS,
        right: 'allowed',
      }),
      policy,
    },
    { ...state('signed-away', 'Two people sign: one of them is away', asked), policy: away },
  ];
}
