import type { HookPulseEmulator } from '../../emulators/hookpulse/types.ts';
import type { RuntypeEmulator } from '../../emulators/runtype/types.ts';
import type { SonzaiEmulator } from '../../emulators/sonzai/types.ts';
import type { Tally } from '../protocol.ts';

interface Backends {
  runtype: Pick<RuntypeEmulator, 'journal'>;
  sonzai: Pick<SonzaiEmulator, 'journal'>;
  hookpulse: Pick<HookPulseEmulator, 'journal'>;
}

/** A call that decided something. */
interface Deciding {
  path: string;
  body: unknown;
}

/** Counts what the backends accepted, from any caller. */
export function tallyOf({ runtype, sonzai, hookpulse }: Backends): Tally {
  const tally: Tally = { approved: 0, rejectedWithReason: 0, answered: 0, decided: 0 };
  for (const { entries } of [runtype.journal, sonzai.journal, hookpulse.journal]) {
    for (const entry of entries) {
      if (entry.kind !== 'call' || !entry.effect) continue;
      tally.decided += 1;
      const kind = kindOf(entry);
      if (kind !== null) tally[kind] += 1;
    }
  }
  return tally;
}

function kindOf({ path, body }: Deciding): 'approved' | 'rejectedWithReason' | 'answered' | null {
  const { decision, action, reason, note } = (body ?? {}) as Record<string, unknown>;
  const verb = decision ?? action ?? path.split('/').at(-1);
  if (verb === 'approved' || verb === 'approve') return 'approved';
  if (verb === 'resume') return 'answered';
  const why = reason ?? note;
  if ((verb === 'denied' || verb === 'reject') && typeof why === 'string' && why.trim() !== '')
    return 'rejectedWithReason';
  return null;
}
