/**
 * What a backend keeps from people of a call: an earlier stream of its run may have said it, to a process that is gone or to
 * another replica. Tested in test/core/approval/pause/hidden-names.test.ts and test/stories/runs/hidden-names.test.ts.
 */
import type { Approval } from '../approval.ts';
import type { Pause } from './pause.ts';

type Later = NonNullable<Pause['hiddenLater']>;

interface Announced {
  pause: Pause;
  via: Approval['via'];
  call?: string;
}

/** Of what is stored of other calls, characters: enough for a hundred calls, and little beside what a person can be shown. */
const LATER_MAX = 8_000;

/**
 * A pause with all names that are known to be hidden of its call. A later stream need not repeat them: silence does not show
 * what was hidden.
 * @param run what was announced of its run
 */
export function withKnownHidden({ pause, via, call }: Announced, run: readonly Approval[]): Pause {
  // Signed ingest hides nothing of what our own stream announces.
  const believed = via === 'stream' ? run.filter((one) => one.via !== 'ingest') : run;
  const known = believed.find((one) => one.pause.key === pause.key)?.pause;
  const hiddenLater = newest(joined([...(known?.hiddenLater ?? []), ...(pause.hiddenLater ?? [])]));
  const later = (hiddenLater.length > 0 || pause.hiddenLater) && { hiddenLater };
  if (call === undefined) return { ...pause, ...later };
  const earlier = believed.flatMap((one) => one.pause.hiddenLater ?? []).filter((one) => one.call === call);
  const hidden = new Set([...pause.hidden, ...(known?.hidden ?? []), ...earlier.flatMap(({ names }) => names)]);
  return { ...pause, hidden: [...hidden], ...later };
}

function joined(all: Later): Later {
  return [...Map.groupBy(all, ({ call }) => call).values()].map((ofCall) => {
    const names = new Set(ofCall.flatMap((one) => one.names));
    return { ...(ofCall[0] as Later[number]), names: [...names] };
  });
}

/** The calls that were named last are those that may still be announced. */
function newest(all: Later): Later {
  const kept: Later = [];
  let room = LATER_MAX;
  for (const one of all.toReversed()) {
    room -= JSON.stringify(one).length;
    if (room < 0) break;
    kept.unshift(one);
  }
  return kept;
}
