/** The policy of the newest document: what holds it need not know that the document changed. */
import type { Lookups } from './belonging.ts';
import type { PolicyDocument } from './document.ts';
import { createPolicy, type Policy } from './policy.ts';

export interface CurrentPolicy extends Policy {
  /** From now on this document applies. */
  replace(document: PolicyDocument): void;
}

export function createCurrentPolicy(document: PolicyDocument, lookups: Lookups): CurrentPolicy {
  let newest = createPolicy(document, lookups);
  return {
    replace(next) {
      newest = createPolicy(next, lookups);
    },
    get document() {
      return newest.document;
    },
    get operators() {
      return newest.operators;
    },
    get runs() {
      return newest.runs;
    },
    route: (...asked) => newest.route(...asked),
    places: (pause) => newest.places(pause),
    asksYesNo: (pause) => newest.asksYesNo(pause),
    judge: (...asked) => newest.judge(...asked),
    right: (...asked) => newest.right(...asked),
    signing: (...asked) => newest.signing(...asked),
    confirms: (approval) => newest.confirms(approval),
    isOutdated: (approval) => newest.isOutdated(approval),
    identify: (actor) => newest.identify(actor),
    deciders: (approval, action) => newest.deciders(approval, action),
    standIns: (approval) => newest.standIns(approval),
    mentions: (...asked) => newest.mentions(...asked),
  };
}
