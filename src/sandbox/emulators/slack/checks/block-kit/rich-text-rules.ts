import { LIMITS } from '../../web-api/limits.ts';
import { boolean, byType, integer, list, object, oneOf, type Rule, string } from './rules.ts';

const marks = {
  bold: boolean,
  italic: boolean,
  strike: boolean,
  underline: boolean,
  code: boolean,
  highlight: boolean,
  client_highlight: boolean,
  unlink: boolean,
};
const style = object({}, marks);
const border = oneOf(0, 1);

const text = object({ text: string(undefined, 1) }, { style });
const link = object({ url: string(undefined, 1) }, { text: string(), unsafe: boolean, style });

const inline: Rule = byType({
  text,
  link,
  user: object({ user_id: string(undefined, 1) }, { style }),
  usergroup: object({ usergroup_id: string(undefined, 1) }, { style }),
  channel: object({ channel_id: string(undefined, 1) }, { style }),
  team: object({ team_id: string(undefined, 1) }, { style }),
  broadcast: object({ range: oneOf('here', 'channel', 'everyone') }, { style }),
  emoji: object({ name: string(undefined, 1) }, { unicode: string(), url: string(), style }),
  color: object({ value: string(undefined, 1) }, { style }),
  date: object(
    { timestamp: integer(0, Number.MAX_SAFE_INTEGER), format: string(undefined, 1) },
    { url: string(), fallback: string(), style },
  ),
});

const section = object({ elements: list(inline) });

/** Elements of a `rich_text` block. */
export const richTextElement: Rule = byType({
  rich_text_section: section,
  rich_text_quote: object({ elements: list(inline) }, { border }),
  rich_text_preformatted: object({ elements: list(byType({ text, link })) }, { border }),
  rich_text_list: object(
    { elements: list(byType({ rich_text_section: section })), style: oneOf('bullet', 'ordered') },
    { indent: integer(0, LIMITS.listIndent), offset: integer(0, Number.MAX_SAFE_INTEGER), border },
  ),
});
