/** Whether this machine's clock agrees with that of a server which dates its answers. Tested in test/core/ports/doctor/clock-skew.test.ts. */
import type { Found } from './checkup.ts';

/** Of a date in whole seconds, ms. */
const RESOLUTION_MS = 1_000;
/** Less does no harm: a server's own clock, or an answer out of a cache, may be as far off. ms. */
const NOTICED_MS = 30_000;
/** Signed requests are accepted for so long, ms: with more, Slack's and those of Runtype's senders are refused. */
const REFUSED_MS = 300_000;

/**
 * @param date the header `Date` of an answer; null or undefined: it had none
 * @param askedAt when the call began by our clock, ms since 1970
 * @param who whose clock it is: `Slack`
 */
export function skewFound(date: string | null | undefined, askedAt: number, answeredAt: number, who: string): Found[] {
  const at = Date.parse(date ?? '');
  if (Number.isNaN(at)) return [];
  // Both are spans of time; how far apart they are is what is certain.
  const ahead = askedAt - (at + RESOLUTION_MS);
  const behind = at - answeredAt;
  const skew = Math.max(ahead, behind);
  if (skew < NOTICED_MS) return [];
  const what = `The clock of this machine is ${spanText(skew)} ${ahead > 0 ? 'ahead of' : 'behind'} that of ${who}.`;
  const lost = skew < REFUSED_MS ? '' : ' Signed requests count as too old, and are refused.';
  return [
    {
      level: skew < REFUSED_MS ? 'warning' : 'fault',
      what: what + lost,
      remedy: 'Let it be set by NTP: timedatectl set-ntp true.',
    },
  ];
}

function spanText(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} seconds`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
}
