/** What a value of a request is to its reader, by its names. Tested in test/core/view/content/headline.test.ts. */
import { wordsOf } from '../../../mask/names.ts';
import { isNumber, isRecord } from '../../../text/json.ts';
import type { Leaf } from './leaves.ts';
import { isAmount, isCurrencyName } from './money.ts';

/** `name`: it says nothing without its name. */
export type Role =
  | 'object'
  | 'amount'
  | 'currency'
  | 'party'
  | 'thing'
  | 'scope'
  | 'count'
  | 'name'
  | 'text'
  | 'remark';

export interface Ranked {
  role: Role;
  /** The higher, the more it says. */
  rank: number;
  /** Words of its name; those of what it lies in, too, where its own name says only that it is a value. */
  words: readonly string[];
  /** Before the value: which end of a transfer it is. */
  side: 'from' | 'to' | null;
}

/** All in the singular and without endings that `wordsOf` takes for a plural: `statu`. */
const set = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** They say that the value is what its holder names. */
const naming = set(
  `id uuid guid number no nr num ref reference code key sku slug handle name title label value val text data identifier
  fullname displayname username login unit nummer numero`,
);
const personal = set(
  `to recipient payee beneficiary receiver destination dest customer client user username email mail phone contact seller
  vendor supplier merchant employee member patient guest owner assignee tenant person candidate student driver passenger
  subscriber lead buyer payer creditor debtor attendee invitee participant reviewer manager doctor company organization
  organisation org party bcc cc kunde empfaenger cliente destinatario destinataire msisdn mobile recipientname iban account
  payto sender from source traveler traveller resident applicant borrower holder donor author`,
);
const receivers = set('to recipient payee beneficiary receiver destination dest payto');
const senders = set('from source sender payer');
const contacts = set('email mail phone mobile msisdn iban account bcc cc');
const things = set(
  `service app application repo repository project table database db schema bucket file filename path folder directory
  resource url uri domain host hostname branch cluster function workflow job pipeline ticket issue invoice product item
  document doc page channel room device server instance volume image package record policy rule flag feature model dataset
  campaign template webhook order subscription booking reservation flight hotel ticketid topic queue site website vm pod
  deployment chart zone record sensor valve door vehicle car shipment parcel package contract case claim loan article post
  symbol ticker stock asset share key secret certificate cert endpoint component module report dashboard index collection
  namespace container disk snapshot backup property unit machine lock medication drug`,
);
const scopes: ReadonlyMap<string, number> = new Map(
  Object.entries({
    environment: 87,
    env: 87,
    stage: 87,
    version: 84,
    tag: 83,
    release: 83,
    role: 86,
    permission: 86,
    scope: 80,
    access: 80,
    plan: 78,
    tier: 78,
    region: 72,
    location: 72,
    branch: 74,
    target: 76,
    base: 60,
    head: 60,
    date: 74,
    day: 74,
    time: 73,
    slot: 75,
    start: 70,
    end: 68,
    when: 70,
    at: 60,
    state: 70,
    statu: 70,
    level: 70,
    type: 50,
    kind: 50,
    side: 79,
    priority: 62,
    severity: 66,
    category: 55,
    format: 30,
    language: 40,
    channel: 52,
    method: 50,
    direction: 60,
    mode: 66,
    country: 55,
    city: 60,
    port: 64,
    cidr: 66,
    ip: 72,
    protocol: 50,
    dose: 82,
    dosage: 82,
    temperature: 80,
  }),
);
const counts = set(
  `quantity qty count replica limit percent percentage rate seat size day hour minute month year week number night share
  unit lot copy pax guest people attempt timeout duration threshold capacity weight length max min dosage degree points
  point level setpoint mg ml kg celsius fahrenheit volume speed hz rpm`,
);
const commands = set('query sql statement command cmd script code expression mutation prompt program shell');
const subjects = set('subject headline question summary');
const messages = set('message body text content msg caption comment tweet statu post');
const remarks = set(
  `note comment reason description memo metadata meta remark details detail justification rationale confidence request
  requestid correlationid trace idempotency idempotencykey nonce timestamp created updated createdat updatedat sessionid
  session locale timezone useragent signature hash checksum header headers condition position webhook workflow brand step`,
);
/** Truths that change what happens. */
const switches = set(
  'force dry dryrun recursive overwrite cascade hard permanent permanently all everyone public notify',
);

const ranks = { object: 100, party: 95, contact: 82, partyId: 66 } as const;

/** The words of a tool’s name without what is done: `order` in `refund_order`. */
export function nounsOf(tool: string): ReadonlySet<string> {
  const words = wordsOf(tool);
  return new Set(words.length > 1 ? words.slice(1) : words);
}

/** @param nouns of the tool's name */
export function rankedOf({ path, value }: Leaf, nouns: ReadonlySet<string>): Ranked {
  const own = wordsOf(path.at(-1) ?? '');
  const outer = wordsOf(path.at(-2) ?? '');
  const isNaming = own.length > 0 && own.every((word) => naming.has(word));
  const words = isNaming ? [...outer, ...own] : own;
  const about = words.filter((word) => !naming.has(word));
  const depth = 3 * (path.length - 1);
  const of = (role: Role, rank: number): Ranked => ({ role, rank: rank - depth, words, side: sideOf(own, outer) });
  if (isCurrencyName(path.at(-1) ?? '')) return of('currency', 0);
  if (Array.isArray(value)) return listRank(value, words, nouns, of);
  if (isAmount(words, value)) return of('amount', amountRank([...outer, ...own]));
  if (about.length > 0 && about.every((word) => nouns.has(word)) && typeof value !== 'boolean')
    return of('object', objectRank(own, value));
  // Too long to be a name of anything.
  if (typeof value === 'string' && value.length > 200 && !words.some((word) => commands.has(word)))
    return of('text', 40);
  if (words.some((word) => remarks.has(word)) && !words.some((word) => commands.has(word))) return of('remark', 10);
  // `key_17` is one of many; the unit of an amount is shown with it.
  if (/\d$/.test(path.at(-1) ?? '') || own.join() === 'unit') return of('name', 30);
  if (about.length === 0 && isNaming && typeof value !== 'boolean') return of('object', genericRank(own, value));
  return otherRank({ own, words, about, value }, of);
}

type Of = (role: Role, rank: number) => Ranked;

function otherRank(
  {
    own,
    words,
    about,
    value,
  }: { own: readonly string[]; words: readonly string[]; about: readonly string[]; value: Leaf['value'] },
  of: Of,
): Ranked {
  const last = about.at(-1) ?? '';
  // `from: 52000, to: 58000`: what changes.
  if (isNumber(value) && own.length === 1 && /^(?:from|to)$/.test(last)) return of('name', 88);
  if (typeof value === 'boolean') return of('name', words.some((word) => switches.has(word)) ? 58 : 20);
  if (!isNumber(value)) {
    if (commands.has(last) && typeof value === 'string' && /\s/.test(value)) return of('text', 92);
    if (subjects.has(last)) return of('text', 86);
  }
  if (about.some((word) => personal.has(word))) {
    if (about.some((word) => contacts.has(word))) return of('party', ranks.contact);
    if (/^(?:id|uuid|guid|number|no|key)$/.test(own.at(-1) ?? '')) return of('party', ranks.partyId);
    return of('party', ranks.party - (about.some((word) => senders.has(word)) ? 40 : 0));
  }
  const scope = Math.max(...about.map((word) => scopes.get(word) ?? 0), 0);
  if (scope > 0 && !(isNumber(value) && counts.has(last))) return of(isNumber(value) ? 'name' : 'scope', scope);
  if (things.has(last) && !isNumber(value)) return of('thing', 77);
  if (counts.has(last)) return of('count', 73);
  if (commands.has(last) && !isNumber(value)) return of('text', 92);
  if (messages.has(last) && typeof value === 'string') return of('text', 64);
  if (own.some((word) => /^(?:id|uuid|ref|reference|code|number)$/.test(word))) return of('name', 48);
  return of('name', typeof value === 'string' && value.length > 60 ? 25 : 35);
}

function objectRank(own: readonly string[], value: Leaf['value']): number {
  const last = own.at(-1) ?? '';
  if (isOpaque(value)) return 78;
  return ranks.object - (last === 'name' || last === 'title' ? 2 : last === 'id' ? 1 : 0);
}

function genericRank(own: readonly string[], value: Leaf['value']): number {
  if (isOpaque(value)) return 56;
  const last = own.at(-1) ?? '';
  return last === 'name' || last === 'title' ? 88 : last === 'value' || last === 'text' || last === 'data' ? 30 : 86;
}

/** A UUID, or a hash: no reader knows what it names. */
function isOpaque(value: Leaf['value']): boolean {
  return typeof value === 'string' && (/^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(value) || /^[0-9a-f]{24,}$/i.test(value));
}

function amountRank(words: readonly string[]): number {
  const has = (...some: string[]) => some.some((word) => words.includes(word));
  const plus = has('amount', 'total', 'grand', 'payout', 'refund') ? 6 : 0;
  const minus = has('fee', 'tax', 'tip', 'discount', 'limit', 'max', 'maximum', 'min', 'cap', 'ceiling', 'shipping')
    ? 12
    : 0;
  const old = has('old', 'previous', 'current', 'before', 'original') ? 20 : has('unit', 'per', 'item') ? 8 : 0;
  return 90 + plus - minus - old;
}

function listRank(items: readonly unknown[], words: readonly string[], nouns: ReadonlySet<string>, of: Of): Ranked {
  const isObject = words.some((word) => nouns.has(word));
  if (words.some((word) => personal.has(word))) return of('party', 90);
  if (words.some((word) => remarks.has(word))) return of('remark', 10);
  return of('count', isObject ? 91 : items.some(isRecord) ? 70 : 60);
}

function sideOf(own: readonly string[], outer: readonly string[]): Ranked['side'] {
  const [first = ''] = own.every((word) => naming.has(word)) ? outer : own;
  if (receivers.has(first)) return 'to';
  return senders.has(first) ? 'from' : null;
}
