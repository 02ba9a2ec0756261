/** Who answers an approval of a website chat. Tested in test/backends/runtype/website/visitor-approvals.test.ts. */
import type { Clock, Delivery, Log } from '../../../core/ports/ports.ts';
import { matchesGlob } from '../../../core/text/glob.ts';
import { toJson } from '../../../core/text/json.ts';
import { approvalKey } from '../pause/pause.ts';
import type { ChatApprovals } from '../stream/reader/pause-tracker.ts';
import { Allowance } from './allowance.ts';
import { isApprovedByVisitor } from './wire.ts';

/** Anyone can open a chat, and its approvals must not drown those of others: new cards per minute, of one website. */
export const CARDS_PER_MINUTE = 60;
/** The same of one chat, so that one visitor can't use it up. */
export const CARDS_PER_CHAT_AND_MINUTE = 10;
const MINUTE_MS = 60_000;

/** Approvals left to visitors, kept in case that they may not give them: how many, and of how many characters. */
const KEPT_MAX = 1_000;
const KEPT_CHARACTERS_MAX = 4 * 1024 * 1024;
/** Approvals of which it is known who answers them. */
const KNOWN_MAX = 10_000;

type Announced = Extract<Delivery, { type: 'announced' }>;

interface Known {
  /** It was announced to people. */
  hasCard: boolean;
  /** Runtype has refused a visitor's answer. */
  isBusiness: boolean;
}

/**
 * An announcement does not say who may answer. Its approver is the account's owner by default, so people get a card,
 * unless the operator says that visitors answer for this tool. If Runtype then refuses the visitor, there is a card after
 * all.
 */
export class VisitorApprovals implements ChatApprovals {
  readonly #visitorTools: readonly string[];
  readonly #log: Log;
  readonly #kept = new Map<string, { announced: Announced; characters: number }>();
  #characters = 0;
  readonly #known = new Map<string, Known>();
  readonly #ofSite: Allowance;
  readonly #ofChat: Allowance;

  constructor(visitorTools: readonly string[], clock: Clock, log: Log) {
    this.#visitorTools = visitorTools;
    this.#log = log;
    this.#ofSite = new Allowance(CARDS_PER_MINUTE, MINUTE_MS, clock);
    this.#ofChat = new Allowance(CARDS_PER_CHAT_AND_MINUTE, MINUTE_MS, clock);
  }

  answeredBy(
    ...[announced, asked, { opener, site }]: Parameters<ChatApprovals['answeredBy']>
  ): 'people' | 'visitor' | 'too_many' {
    const { key, runId: run, tool } = announced.pause;
    const known = this.#known.get(key);
    if (known?.isBusiness === true) return 'people';
    const isVisitors = this.#visitorTools.some((pattern) => matchesGlob(pattern, tool));
    if (isVisitors || isApprovedByVisitor(asked.approver)) {
      this.#note(key, { hasCard: false, isBusiness: false });
      this.#keep(key, announced);
      this.#log.info({ run, tool }, 'an approval is left to the visitor of a website');
      return 'visitor';
    }
    // What is announced again has its card.
    if (known?.hasCard === true) return 'people';
    if (!this.#ofChat.take(opener ?? '') || !this.#ofSite.take(site ?? '')) return 'too_many';
    this.#note(key, { hasCard: true, isBusiness: false });
    return 'people';
  }

  /** After a start: an earlier process announced it to people. */
  remember(key: string): void {
    this.#note(key, { hasCard: true, isBusiness: false });
  }

  /** Whether a visitor's answer may still be taken: false once Runtype has refused it. */
  mayBeVisitors(key: string): boolean {
    return this.#known.get(key)?.isBusiness !== true;
  }

  /** Whether it is left to visitors: it has no card, and the operator leaves some to them. */
  isVisitors(key: string): boolean {
    const known = this.#known.get(key);
    if (known !== undefined) return !known.hasCard && !known.isBusiness;
    // One of an earlier process: on the route of visitors, Runtype takes no answer to the business's approvals.
    return this.#visitorTools.length > 0;
  }

  /**
   * Runtype has refused a visitor's answer: the approval is the business's.
   * @returns what is to be announced; null where it has a card; `unknown`: its announcement is not kept
   */
  leaveToBusiness(approvalId: string): Announced | 'unknown' | null {
    const key = approvalKey(approvalId);
    // What no stream has named is not kept either: a caller can name any number of approvals.
    const known = this.#known.get(key);
    if (known === undefined) return 'unknown';
    const kept = this.#kept.get(key);
    const hasCard = kept !== undefined || known.hasCard;
    this.#note(key, { hasCard, isBusiness: true });
    this.#forget(key);
    return kept?.announced ?? (hasCard ? null : 'unknown');
  }

  #note(key: string, known: Known): void {
    this.#known.delete(key);
    this.#known.set(key, known);
    if (this.#known.size > KNOWN_MAX) dropOldest(this.#known, (oldest) => this.#known.delete(oldest));
  }

  #keep(key: string, announced: Announced): void {
    this.#forget(key);
    const characters = toJson(announced.pause).length;
    this.#kept.set(key, { announced, characters });
    this.#characters += characters;
    while (this.#kept.size > KEPT_MAX || this.#characters > KEPT_CHARACTERS_MAX) {
      dropOldest(this.#kept, (oldest) => this.#forget(oldest));
    }
  }

  #forget(key: string): void {
    this.#characters -= this.#kept.get(key)?.characters ?? 0;
    this.#kept.delete(key);
  }
}

function dropOldest(map: ReadonlyMap<string, unknown>, drop: (key: string) => void): void {
  for (const oldest of map.keys()) {
    drop(oldest);
    return;
  }
}
