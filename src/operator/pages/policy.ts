/** *Policy*: the policy in force, in sentences. Tested in test/operator/content.test.ts. */
import { html } from 'hono/html';
import { explainRule, type RuleExplanation } from '../../core/policy/explain/rule.ts';
import { listed, whoText } from '../../core/policy/explain/words.ts';
import { type PolicyDocument, SETTINGS_VERSION } from '../../core/policy/rules/document.ts';
import { capitalise } from '../../core/text/humanise.ts';
import { counted } from '../../core/text/numbers.ts';
import { notice } from './layout.ts';
import { badge, fact, foreignText, type Html, moment, type Now } from './parts.ts';

export interface PolicyShown {
  document: PolicyDocument;
  /** Of the file; undefined: there is none. */
  file: { loadedAt: number; problems: readonly string[] } | undefined;
}

export function policyPage({ document, file }: PolicyShown, now: Now): Html {
  const { rules, source, version, operators } = document;
  const isFile = version !== SETTINGS_VERSION;
  return html`${file === undefined || file.problems.length === 0 ? html`` : problems(file.problems, source)}
<p class="intro">${
    isFile
      ? html`The first rule of ${source} that fits a request applies to it. A request that no rule fits is decided by no one.`
      : html`There is no policy file: one list of reviewers, in ${source}, decides everything.`
  }</p>
<dl>
${fact('Source', source)}
${fact('Version', isFile ? html`<code>${version}</code>` : null)}
${fact('Loaded', file === undefined ? null : moment(file.loadedAt, now))}
${fact('Operators in chat', operators.length === 0 ? 'nobody is named' : foreignText(listed(operators.map(whoText))))}
${fact('Linked accounts', isFile ? (document.links ? 'allowed' : 'not allowed') : null)}
</dl>
<h2>${counted(rules.length, 'rule')}</h2>
${rules.map((rule, at) => ruleHtml(explainRule(rule, document, now.now), at + 1))}`;
}

function problems(found: readonly string[], source: string): Html {
  return html`${notice('bad', html`The newest ${source} has ${counted(found.length, 'error')} and does not apply: the policy before it, which is shown here, stays in force. Correct the file; it is read again by itself.`)}
<ul class="cautions">${found.map((one) => html`<li><code>${foreignText(one)}</code></li>`)}</ul>`;
}

function ruleHtml(rule: RuleExplanation, number: number): Html {
  const { name, isOnTrial, fits, standing, verbs, members, where, steps, notes } = rule;
  const decides =
    standing === null
      ? null
      : `No person has to decide: the rule ${standing === 'approve' ? 'approves' : 'rejects'} it at once.`;
  return html`<section class="rule" aria-labelledby="rule-${number}">
<h3 id="rule-${number}">${number}. ${foreignText(name)} ${isOnTrial ? badge('on trial', 'neutral') : html``}</h3>
<dl>
${fact('Applies when', fits.length === 0 ? 'no rule before it took the request' : html`<ul class="lines">${fits.map((one) => html`<li>${foreignText(one)}</li>`)}</ul>`)}
${fact('Decides', isOnTrial ? 'nothing: it records what it would have done' : decides)}
${verbs.map(({ verb, text }) => fact(capitalise(verb.replace('_', ' ')), foreignText(text)))}
${fact('Cards', foreignText(where))}
${steps.map(({ when, what }) => fact(capitalise(when), foreignText(what)))}
${notes.map((note) => fact('Besides', foreignText(note)))}
${members.length === 0 ? html`` : fact('Who these are', html`<ul class="lines">${members.map((one) => html`<li><strong>${foreignText(one.name)}</strong>: ${foreignText(one.text)}</li>`)}</ul>`)}
</dl>
</section>`;
}
