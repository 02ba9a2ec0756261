import { LIMITS } from '../../web-api/limits.ts';
import { boolean, byType, Findings, isObject, list, object, oneOf, type Rule, string } from './rules.ts';

export function plainText(max: number = LIMITS.textObject): Rule {
  return byType({ plain_text: object({ text: string(max, 1) }, { emoji: boolean }) });
}

/** `plain_text` or `mrkdwn`. Slack reports the failed choice first, then its errors. */
export function anyText(max: number = LIMITS.textObject): Rule {
  const rule = byType({
    plain_text: object({ text: string(max, 1) }, { emoji: boolean }),
    mrkdwn: object({ text: string(max, 1) }, { verbatim: boolean }),
  });
  return (found, value, at) => {
    const inner = new Findings();
    rule(inner, value, at);
    if (inner.messages.length === 0) return;
    found.add('failed to match all allowed schemas', at);
    found.messages.push(...inner.messages);
  };
}

export const style = oneOf('primary', 'danger');
export const actionId = string(LIMITS.actionId, 1);
export const blockId = string(LIMITS.blockId);
export const placeholder = plainText(LIMITS.placeholder);

export const confirm = object(
  { text: anyText(LIMITS.confirmText) },
  {
    title: plainText(LIMITS.confirmTitle),
    confirm: plainText(LIMITS.confirmButton),
    deny: plainText(LIMITS.confirmButton),
    style,
  },
);

const optionValue = string(LIMITS.optionValue);

/** An option of a select or overflow menu: plain text only. */
export const plainOption = object(
  { text: plainText(LIMITS.optionText) },
  { value: optionValue, description: plainText(LIMITS.optionDescription), url: string(LIMITS.url) },
);

/** An option of radio buttons or checkboxes. */
export const anyOption = object(
  { text: anyText(LIMITS.optionText), value: optionValue },
  { description: anyText(LIMITS.optionDescription) },
);

export const plainOptions = list(plainOption, 1, LIMITS.selectOptions);

export const optionGroups = list(
  object({ label: plainText(LIMITS.optionText), options: plainOptions }),
  1,
  LIMITS.optionGroups,
);

const slackFile: Rule = object({}, { id: string(), url: string() });

/** `image_url` or `slack_file`, with an alternative text. */
export function image(optional: Record<string, Rule>): Rule {
  const rule = object(
    { alt_text: string(LIMITS.altText, 1) },
    { image_url: string(LIMITS.url, 1), slack_file: slackFile, ...optional },
  );
  return (found, value, at) => {
    rule(found, value, at);
    if (isObject(value) && !('image_url' in value) && !('slack_file' in value)) {
      found.add('missing required field: image_url', at);
    }
  };
}
