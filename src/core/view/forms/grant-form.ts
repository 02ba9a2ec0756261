/** The form behind *Allow the same*: what exactly is allowed, before it is. Pure. Tested in test/core/view/operators/standing.test.ts. */
import { askerPhrase, toolPhrase } from '../../approval/names.ts';
import type { Shown } from '../../approval/subject.ts';
import { CONFIRM_KEY, initialOf } from '../../form/form.ts';
import { lengthText, listed } from '../../policy/explain/words.ts';
import { clip } from '../../text/clip.ts';
import { counted } from '../../text/numbers.ts';
import { revealLine } from '../../text/visible/reveal.ts';
import type { Form } from './decision-form.ts';
import { formContextOf } from './form-context.ts';

/** What can be allowed. */
export interface GrantLimits {
  forMs: number;
  uses: number;
  /** Paths that may vary, as the rule writes them. */
  vary: readonly string[];
}

/** Of the line above the form, characters: it fits every modal. */
const ABOUT_MAX = 900;
const NAME_MAX = 80;

export function grantForm(approval: Shown, { forMs, uses, vary }: GrantLimits): Form {
  const { id: approvalId, fingerprint, pause } = approval;
  const limits = `${lengthText(forMs)}, at most ${counted(uses, 'time')}`;
  const form = {
    shape: 'text' as const,
    fields: [
      {
        kind: 'choice' as const,
        key: CONFIRM_KEY,
        path: [],
        label: 'Are you sure?',
        hint: 'It is approved in your name, and no one is asked.',
        required: true,
        many: false,
        options: [{ value: 'yes', label: `Yes, for ${limits}`, note: '' }],
        min: null,
        max: null,
        other: null,
        initial: [],
      },
    ],
  };
  const names = listed(vary.map((path) => revealLine(path.replace(/^params\./, ''))));
  const differs = vary.length === 0 ? 'with exactly these values' : `with these values; ${names} may differ`;
  const about = `For ${limits}, ${toolPhrase(pause, NAME_MAX)} is approved without a person when ${askerPhrase(approval, 'the backend')} asks for it ${differs}. Each time is shown and recorded. It ends sooner when someone ends it, the policy changes, you may not approve this any more, or other arguments come.`;
  return {
    ...form,
    buttonId: { approvalId, action: 'grant', fingerprint },
    title: 'Allow the same?',
    about: clip(about, ABOUT_MAX),
    context: formContextOf(approval),
    submit: 'Allow',
    filled: initialOf(form),
  };
}
