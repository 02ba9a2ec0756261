/**
 * What an answer in words or in JSON says: it may approve what its button does not.
 * Tested in test/core/approval/steps/approved-within.test.ts.
 */
import { isBranch } from '../../text/json.ts';
import type { Approval } from '../approval.ts';
import type { Action } from '../pause/pause.ts';

/** Begins a text that says yes. Words, not parts of words: `yes`, not `yesterday`. */
const YES =
  /^(?:yes|yep|yeah|yup|true|ok|okay|sure|absolutely|affirmative|agreed|lgtm|go ahead|proceed|do it|please do|approv(?:e|ed|al)|accept(?:ed)?|confirm(?:ed)?|allow(?:ed)?|permit(?:ted)?|authori[sz]ed?|grant(?:ed)?|execute|run it|ship it|i (?:hereby )?(?:approve|accept|confirm|agree|allow|authori[sz]e)|(?:it|this|that) is (?:ok|okay|fine|approved)|ja|oui|sí|sim)(?![\p{L}\p{N}])/u;
/** Says yes where it is the whole text. */
const YES_ALONE = /^(?:y|k|1|go|continue|fine|done|agree|si|da|да|はい|是)$/u;
/** A field with a yes in a text that is not JSON: `approved: yes`, `approved=1`, `{'approved': True}`. */
const YES_FIELD =
  /(?:approv(?:e|ed|al)|accept(?:ed)?|confirm(?:ed)?|allow(?:ed)?|authori[sz]ed?|granted|decision|verdict|status|action|answer|result)["'*_ ]*(?:[:=]|is|->|→)["'*_ ]*(?:yes|y|true|1|ok|approv\w*|accept\w*|confirm\w*|allow\w*|grant\w*)(?![\p{L}\p{N}])/u;
/** The names of fields that ask for a yes. */
const YES_KEY =
  /^(?:is|was|has been|do|user|human)? ?(?:approv(?:e|ed|al)|accept(?:ed|s)?|confirm(?:ed|ation)?|allow(?:ed)?|permit(?:ted)?|authori[sz](?:e|ed|ation)|grant(?:ed)?|consent(?:ed)?|agree(?:d)?|proceed|continue|ok|okay|yes|go|go ahead|execute)$/;
/** Emoji and marks that say yes, anywhere in a short text. */
const YES_SIGN = /[👍👌✅✔☑🆗✓]|\+1/u;
const NO =
  /^(?:no|nope|n|nein|non|not? (?:approved|allowed|accepted|confirmed)|false|0|never|stop|den(?:y|ied)|reject(?:ed)?|declin(?:e|ed)|refuse[d]?|cancel(?:l?ed)?|abort(?:ed)?|(?:do not|don['’]t)(?: (?:do it|proceed|run it|approve|continue))?)$/u;
/** Of a text in which a sign counts: in a longer one it decorates. */
const SIGN_TEXT_MAX = 40;

type Reading = 'yes' | 'no' | 'neither';

/**
 * An answer that says yes is an approval, and one whose top-level `approved` is false a rejection: each needs that right.
 * At a top-level `approved`, anything but `false` may be read as a yes by the tool that receives it.
 */
export function approvedWithin(action: Action, text: string | null): Action[] {
  if (action !== 'take_over' || text === null) return [];
  const answer = parsed(text);
  if (isBranch(answer) && 'approved' in answer) return [answer.approved === false ? 'reject' : 'approve'];
  return readingOf(text, answer) === 'yes' ? ['approve'] : [];
}

/**
 * Whether a decision on what is dangerous needs the confirmation. What is written for an await goes to the agent as the
 * output of its call, and it is not known what the agent takes for a yes: only a plain no needs none.
 */
export function needsConfirmation(
  {
    confirm,
    pause,
    requirement,
  }: Pick<Approval, 'confirm' | 'requirement'> & { pause: Pick<Approval['pause'], 'kind'> },
  action: Action,
  text: string | null,
): boolean {
  if (action === 'reject') return requirement?.verbs.reject?.confirm === true;
  if (!confirm) return false;
  if (action === 'approve') return true;
  if (text === null) return false;
  if (approvedWithin(action, text).includes('approve')) return true;
  return pause.kind === 'await' && !isPlainNo(text);
}

function isPlainNo(text: string): boolean {
  return approvedWithin('take_over', text).includes('reject') || readingOf(text, parsed(text)) === 'no';
}

function readingOf(text: string, answer: unknown): Reading {
  return isBranch(answer) ? readingOfBranch(answer) : readingOfWords(typeof answer === 'string' ? answer : text);
}

/** One yes anywhere in it is a yes. Level by level: recursion could exhaust the stack. */
function readingOfBranch(answer: object): Reading {
  let reading: Reading = 'neither';
  for (let level: [string, unknown][] = Object.entries(answer); level.length > 0; ) {
    for (const [key, value] of level) {
      if (isBranch(value)) continue;
      const one = readingOfLeaf(key, value);
      if (one === 'yes') return 'yes';
      if (one === 'no') reading = 'no';
    }
    level = level.flatMap(([, value]) => (isBranch(value) ? Object.entries(value) : []));
  }
  return reading;
}

function readingOfLeaf(key: string, value: unknown): Reading {
  if (value === true) return 'yes';
  if (value === false) return 'no';
  const said = typeof value === 'string' ? readingOfWords(value) : 'neither';
  // What is neither counts as a yes where the name of its field asks for one: `{"approved": "by Dana"}`, `{"ok": 1}`.
  const isAsked = YES_KEY.test(plain(key.replace(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ').replace(/[_.-]+/g, ' ')));
  const isNothing = value === null || value === 0 || value === '';
  return isAsked && said === 'neither' && !isNothing ? 'yes' : said;
}

function readingOfWords(words: string): Reading {
  const text = plain(words);
  if (NO.test(text)) return 'no';
  const hasSign = text.length <= SIGN_TEXT_MAX && YES_SIGN.test(text);
  return YES.test(text) || YES_ALONE.test(text) || YES_FIELD.test(text) || hasSign ? 'yes' : 'neither';
}

/** Without case, width, quotes and marks around it. */
function plain(words: string): string {
  return words
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\p{Cf}+/gu, '')
    .replace(/\s+/gu, ' ')
    .replace(/^[\s"'`*_~>#([{.,:;!¡“”‘’«»-]+|[\s"'`*_~)\]}.,:;!?“”‘’«»-]+$/gu, '');
}

/** The value of JSON; undefined for any other text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
