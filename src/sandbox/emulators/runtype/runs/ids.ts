import { randomBytes } from 'node:crypto';

/** An opaque id in the shapes seen on the wire: `exec_…`, `appr_…`, `toolu_…`, `req_…`, `cs_…`. */
export function mintId(prefix: 'exec' | 'appr' | 'toolu' | 'req' | 'cs'): string {
  return `${prefix}_${randomBytes(8).toString('hex')}`;
}

/** The id of an agent's run from its first pause on, as servers of June 2026 had it. */
export function mintVirtualId(): string {
  return `virtual_${Date.now()}_${randomBytes(4).toString('hex')}`;
}

export function isoNow(): string {
  return new Date().toISOString();
}
