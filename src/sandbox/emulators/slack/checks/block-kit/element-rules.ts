import { LIMITS } from '../../web-api/limits.ts';
import {
  actionId,
  anyOption,
  confirm,
  image,
  optionGroups,
  placeholder,
  plainOption,
  plainOptions,
  plainText,
  style,
} from './composition-rules.ts';
import { richTextElement } from './rich-text-rules.ts';
import { andThen, boolean, byType, integer, isObject, list, object, oneOf, type Rule, string } from './rules.ts';

const menu = { action_id: actionId, confirm, focus_on_load: boolean, placeholder };
const typed = {
  action_id: actionId,
  placeholder,
  focus_on_load: boolean,
  dispatch_action_config: object(
    {},
    { trigger_actions_on: list(oneOf('on_enter_pressed', 'on_character_entered'), 1) },
  ),
};
const ids = list(string());
const many = { max_selected_items: integer(1, Number.MAX_SAFE_INTEGER) };
const filter = object({}, { include: ids, exclude_external_shared_channels: boolean, exclude_bot_users: boolean });
const label = string(LIMITS.accessibilityLabel);
const input = string(LIMITS.inputLength);
const anyOptions = list(anyOption, 1, LIMITS.choiceOptions);

/** A menu needs `options` or `option_groups`, not both. */
function staticMenu(extra: Record<string, Rule>): Rule {
  return andThen(
    object({}, { ...menu, options: plainOptions, option_groups: optionGroups, ...extra }),
    (found, value, at) => {
      if (isObject(value) && 'options' in value === 'option_groups' in value) {
        found.add('must define either `options` or `option_groups`', `${at}/type`);
      }
    },
  );
}

const plainTextInput = andThen(
  object(
    {},
    {
      ...typed,
      initial_value: input,
      multiline: boolean,
      min_length: integer(0, LIMITS.inputLength),
      max_length: integer(1, LIMITS.inputLength),
    },
  ),
  (found, value, at) => {
    if (isObject(value) && Number(value['min_length'] ?? 0) > Number(value['max_length'] ?? LIMITS.inputLength)) {
      found.add('must be less than `max_length`', `${at}/min_length`);
    }
  },
);

const selects = {
  static_select: staticMenu({ initial_option: plainOption }),
  multi_static_select: staticMenu({ initial_options: plainOptions, ...many }),
  external_select: object({}, { ...menu, initial_option: plainOption, min_query_length: integer(0, 100) }),
  multi_external_select: object(
    {},
    { ...menu, ...many, initial_options: plainOptions, min_query_length: integer(0, 100) },
  ),
  users_select: object({}, { ...menu, initial_user: string() }),
  multi_users_select: object({}, { ...menu, ...many, initial_users: ids }),
  conversations_select: object(
    {},
    {
      ...menu,
      initial_conversation: string(),
      default_to_current_conversation: boolean,
      filter,
      response_url_enabled: boolean,
    },
  ),
  multi_conversations_select: object(
    {},
    { ...menu, ...many, initial_conversations: ids, default_to_current_conversation: boolean, filter },
  ),
  channels_select: object({}, { ...menu, initial_channel: string(), response_url_enabled: boolean }),
  multi_channels_select: object({}, { ...menu, ...many, initial_channels: ids }),
};

const choices = {
  radio_buttons: object(
    { options: anyOptions },
    { action_id: actionId, confirm, focus_on_load: boolean, initial_option: anyOption },
  ),
  checkboxes: object(
    { options: anyOptions },
    { action_id: actionId, confirm, focus_on_load: boolean, initial_options: anyOptions },
  ),
};

const pickers = {
  datepicker: object({}, { ...menu, initial_date: string() }),
  timepicker: object({}, { ...menu, initial_time: string(), timezone: string() }),
  datetimepicker: object(
    {},
    { action_id: actionId, confirm, focus_on_load: boolean, initial_date_time: integer(1_000_000_000, 9_999_999_999) },
  ),
};

const buttons = {
  button: object(
    { text: plainText(LIMITS.buttonText) },
    {
      action_id: actionId,
      value: string(LIMITS.buttonValue),
      url: string(LIMITS.url),
      style,
      confirm,
      accessibility_label: label,
    },
  ),
  overflow: object({ options: list(plainOption, 1, LIMITS.overflowOptions) }, { action_id: actionId, confirm }),
};

const inputs = {
  plain_text_input: plainTextInput,
  email_text_input: object({}, { ...typed, initial_value: input }),
  url_text_input: object({}, { ...typed, initial_value: input }),
  number_input: object(
    { is_decimal_allowed: boolean },
    { ...typed, initial_value: string(), min_value: string(), max_value: string() },
  ),
  rich_text_input: object(
    {},
    {
      ...typed,
      initial_value: byType({ rich_text: object({ elements: list(richTextElement) }, { block_id: string() }) }),
      min_lines: integer(1, 100),
      max_lines: integer(1, 100),
    },
  ),
  file_input: object({}, { action_id: actionId, filetypes: ids, max_files: integer(1, 10) }),
};

/** Elements allowed as a section's accessory. */
export const accessory: Rule = byType({ ...buttons, ...selects, ...choices, ...pickers, image: image({}) });

/** Elements allowed in an actions block. */
export const actionElement: Rule = byType({
  ...buttons,
  ...selects,
  ...choices,
  ...pickers,
  rich_text_input: inputs.rich_text_input,
});

/** Elements allowed in an input block. */
export const inputElement: Rule = byType({ ...inputs, ...selects, ...choices, ...pickers });
