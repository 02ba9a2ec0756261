import { createHash, timingSafeEqual } from 'node:crypto';
import type { Actor } from '../../../core/approval/parts/decision.ts';
import type { Asker } from '../askers.ts';

/** Whose token it is. */
export interface Caller {
  asker: Asker | null;
  actor: Actor | null;
}

/** Null for an unknown token. */
export type Identify = (authorization: string | undefined) => Caller | null;

export function createIdentify(options: { askers: readonly Asker[]; resolvers: ReadonlyMap<string, Actor> }): Identify {
  const askers = options.askers.flatMap((asker) => asker.tokens.map((token) => ({ hash: hashOf(token), asker })));
  const actors = [...options.resolvers].map(([token, actor]) => ({ hash: hashOf(token), actor }));

  return (authorization) => {
    const [, token] = /^bearer +(\S+)\s*$/i.exec(authorization ?? '') ?? [];
    if (token === undefined) return null;
    const given = hashOf(token);
    // All are compared, each in constant time, so that the duration reveals nothing.
    const caller: Caller = { asker: null, actor: null };
    for (const { hash, asker } of askers) if (timingSafeEqual(hash, given)) caller.asker = asker;
    for (const { hash, actor } of actors) if (timingSafeEqual(hash, given)) caller.actor = actor;
    return caller.asker === null && caller.actor === null ? null : caller;
  };
}

/** Hashes have equal length, as `timingSafeEqual` needs. */
function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
