/**
 * `/countersign link`: two accounts confirm each other as one person. Both must say yes, the file's people win, and operators
 * are told. Tested in test/engine/operators/link-commands.test.ts.
 */
import type { Actor } from '../../core/approval/parts/decision.ts';
import { normaliseCode } from '../../core/policy/operators/link-code.ts';
import { accountKey, mayLink } from '../../core/policy/operators/people.ts';
import type { Account, PolicyDocument } from '../../core/policy/rules/document.ts';
import type { Clock, Log } from '../../core/ports/ports.ts';
import type { Fleet } from '../../core/ports/store/fleet.ts';
import type { Ask, Command, CommandAnswer } from '../../core/view/command.ts';
import {
  accountText,
  alreadyLinkedAnswer,
  codeText,
  confirmAnswer,
  type LinkRefusal,
  linkedText,
  linkRefusalText,
  linksOffText,
  unlinkedText,
  waitsText,
} from '../../core/view/operators/link-replies.ts';
import type { Alerts } from '../observe/alerts.ts';
import { type LinkRequest, LinkRequests } from './link-requests.ts';
import type { Links } from './links.ts';

export interface LinkCommandsDeps {
  links: Links;
  /** The newest. `source` null: there is no file. */
  document: () => Pick<PolicyDocument, 'people' | 'links'> & { source: string | null };
  alerts: Pick<Alerts, 'raise'>;
  fleet: Pick<Fleet, 'tell' | 'onTold'>;
  clock: Clock;
  log: Log;
}

export type LinkCommands = (
  command: Command,
  ask: Extract<Ask, { verb: 'link' | 'confirm' | 'unlink' }>,
) => Promise<CommandAnswer>;

export function createLinkCommands(deps: LinkCommandsDeps): LinkCommands {
  const { links, document, alerts, clock, log } = deps;
  const requests = new LinkRequests(clock, deps.fleet);

  return async ({ actor }, ask) => {
    const note = (outcome: string) =>
      log.info({ verb: ask.verb, platform: actor.platform, actor: actor.id, outcome }, 'link command');
    if (ask.verb === 'unlink') {
      const other = await links.remove(actor);
      note(other === null ? 'nothing' : 'unlinked');
      if (other !== null) alerts.raise(unlinkedAlert(actor, other));
      return reply(unlinkedText(other));
    }
    if (!document().links) {
      note('off');
      return reply(linksOffText(document().source));
    }
    const partner = links.partnerOf(actor);
    if (partner !== null) return alreadyLinkedAnswer(partner);
    if (ask.verb === 'confirm') return confirm(actor, ask.account, note);
    if (ask.code !== null) return takeCode(actor, normaliseCode(ask.code), note);
    const known = requests.of(actor);
    const other = known === null ? null : otherOf(known, actor);
    // Both have confirmed at different replicas in one moment, so each was told to wait for the other.
    if (known?.confirmed.size === 2 && other !== null) return confirm(actor, accountKey(other), note);
    if (known !== null && other !== null) return confirmAnswer(other, known.confirmed.has(accountKey(actor)));
    const { code, until } = requests.begin(actor);
    note('code');
    return reply(codeText(code, until - clock.monotonic()));
  };

  function takeCode(actor: Actor, code: string, note: (outcome: string) => void): CommandAnswer {
    const found = requests.find(code, actor);
    if (found === null || found === 'too_many') return refuse(found ?? 'wrong_code', note);
    const why = obstacleTo(found.from, actor);
    // What this account may not do with it another one may.
    if (why !== null) return refuse(why, note);
    requests.use(found, actor);
    note('used');
    return confirmAnswer(found.from, false);
  }

  async function confirm(actor: Actor, named: string, note: (outcome: string) => void): Promise<CommandAnswer> {
    const request = requests.of(actor);
    const other = request === null ? null : otherOf(request, actor);
    // The button names whom it was about: it says yes to no one else.
    if (request === null || other === null || accountKey(other) !== named) return refuse('nothing_to_confirm', note);
    const why = obstacleTo(request.from, other === request.from ? actor : other);
    if (why !== null) return refuse(why, note);
    requests.confirm(request, actor);
    if (!request.confirmed.has(accountKey(other))) {
      note('confirmed');
      return reply(waitsText(other));
    }
    if (!(await links.add([actor, other], actor))) return refuse('linked', note);
    requests.end(request);
    note('linked');
    alerts.raise(linkedAlert(actor, other));
    return reply(linkedText(other));
  }

  function obstacleTo(from: Actor, to: Actor): LinkRefusal | null {
    if (accountKey(from) === accountKey(to)) return 'own_code';
    if (from.platform === to.platform) return 'same_platform';
    if (links.partnerOf(from) !== null || links.partnerOf(to) !== null) return 'linked';
    const inFile = (account: Account) =>
      [...document().people].find(([, accounts]) =>
        accounts.some((one) => accountKey(one) === accountKey(account)),
      )?.[0];
    const [one, other] = [inFile(from), inFile(to)];
    if (!mayLink(one, other)) return 'two_people';
    return one !== undefined && one === other ? 'one_person' : null;
  }
}

function otherOf({ from, to }: LinkRequest, actor: Actor): Actor | null {
  return to === null ? null : accountKey(from) === accountKey(actor) ? to : from;
}

function refuse(refusal: LinkRefusal, note: (outcome: string) => void): CommandAnswer {
  note(refusal);
  return reply(linkRefusalText(refusal));
}

function reply(text: string): CommandAnswer {
  return { text, rooms: [] };
}

function linkedAlert(one: Actor, other: Actor) {
  return {
    kind: 'accounts_linked' as const,
    subject: [accountKey(one), accountKey(other)].sort().join(' '),
    title: 'Two accounts are one person now',
    what: `${accountText(one)} and ${accountText(other)} confirmed each other. What either may do, both may now.`,
    advice: 'If they are not one person, name both in the policy file as two people: the file counts.',
  };
}

function unlinkedAlert(one: Actor, other: Actor) {
  return {
    kind: 'accounts_linked' as const,
    subject: [accountKey(one), accountKey(other)].sort().join(' '),
    title: 'Two accounts are two people again',
    what: `${accountText(one)} ended the link with ${accountText(other)}. Each signs for itself from now on.`,
    advice: 'If they are one person, name both in the policy file as one: then nobody signs twice.',
  };
}
