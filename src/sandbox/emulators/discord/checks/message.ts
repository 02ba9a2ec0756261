import type { FormError } from '../rest/refusal.ts';
import type { Json } from '../types.ts';
import { asJson, asNumber, asText, jsonList } from '../wire/json.ts';
import { allComponents, ComponentType, checkComponents, checkUrl } from './components.ts';

export const MessageFlag = {
  suppressEmbeds: 1 << 2,
  hasThread: 1 << 5,
  ephemeral: 1 << 6,
  loading: 1 << 7,
  suppressNotifications: 1 << 12,
  componentsV2: 1 << 15,
} as const;

const LIMIT = Object.freeze({ content: 2000, rows: 5, embedText: 6000, components: 40, displayedText: 4000 });

/** Discord's rules for a message that its published schema does not contain. `flags`: the flags it will have. */
export function checkMessage(body: Json, flags: number): FormError[] {
  const v2 = (flags & MessageFlag.componentsV2) !== 0;
  return [
    ...tooLong(['content'], asText(body['content']).length, LIMIT.content),
    ...checkEmbeds(body['embeds']),
    ...checkComponents(body['components']),
    ...(v2 ? checkV2(body) : checkRows(body['components'])),
  ];
}

/** Whether the message shows anything. */
export function hasContent(message: {
  content: string;
  embeds: readonly Json[];
  components: readonly Json[];
}): boolean {
  const parts = ['title', 'description', 'fields', 'author', 'footer', 'image', 'thumbnail', 'url'];
  const embed = message.embeds.some((one) => parts.some((part) => JSON.stringify(one[part] ?? '').length > 2));
  return message.content.trim() !== '' || embed || message.components.length > 0;
}

function tooLong(path: PropertyKey[], length: number, max: number): FormError[] {
  return length > max ? [{ path, code: 'BASE_TYPE_MAX_LENGTH', message: `Must be ${max} or fewer in length.` }] : [];
}

function checkEmbeds(embeds: unknown): FormError[] {
  let total = 0;
  const errors = jsonList(embeds).flatMap((embed, index) => {
    const path = ['embeds', index];
    const fields = jsonList(embed['fields']);
    const texts = [
      embed['title'],
      embed['description'],
      asJson(embed['footer'])['text'],
      asJson(embed['author'])['name'],
    ];
    for (const text of [...texts, ...fields.flatMap((field) => [field['name'], field['value']])]) {
      total += asText(text).length;
    }
    return [
      ...checkUrl(embed['url'], [...path, 'url']),
      ...fields.flatMap((field, at) => checkField(field, [...path, 'fields', at])),
    ];
  });
  if (total <= LIMIT.embedText) return errors;
  const message = `Embed size exceeds maximum size of ${LIMIT.embedText}`;
  return [...errors, { path: ['embeds'], code: 'MAX_EMBED_SIZE_EXCEEDED', message }];
}

function checkField(field: Json, path: PropertyKey[]): FormError[] {
  return ['name', 'value']
    .filter((key) => asText(field[key]).trim() === '')
    .map((key) => ({ path: [...path, key], code: 'BASE_TYPE_REQUIRED', message: 'This field is required' }));
}

/** Without the components V2 flag, only action rows are allowed. */
function checkRows(components: unknown): FormError[] {
  const rows = jsonList(components);
  const strangers = rows.flatMap((row, index) =>
    row['type'] === ComponentType.row
      ? []
      : [
          {
            path: ['components', index],
            code: 'UNION_TYPE_CHOICES',
            message: 'Value of field "type" must be one of (1,).',
          },
        ],
  );
  return [...tooLong(['components'], rows.length, LIMIT.rows), ...strangers];
}

function checkV2(body: Json): FormError[] {
  const all = allComponents(body['components']);
  const text = all
    .filter(({ component }) => component['type'] === ComponentType.textDisplay)
    .reduce((sum, { component }) => sum + asText(component['content']).length, 0);
  const legacy = ['content', 'embeds'].filter((key) => asText(body[key]) !== '' || jsonList(body[key]).length > 0);
  return [
    ...legacy.map((key) => ({
      path: [key],
      code: 'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
      message: `The '${key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2`,
    })),
    ...tooLong(['components'], all.length, LIMIT.components),
    ...tooLong(['components'], text, LIMIT.displayedText),
  ];
}

/** The flags that a bot may set; Discord ignores the others without an error. */
export function settableFlags(body: Json, ephemeralToo: boolean): number {
  const own = MessageFlag.suppressEmbeds | MessageFlag.suppressNotifications | MessageFlag.componentsV2;
  return asNumber(body['flags']) & (ephemeralToo ? own | MessageFlag.ephemeral : own);
}
