import type { Json } from '../types.ts';
import { LIMITS } from '../web-api/limits.ts';
import { anyText, blockId, image, plainText } from './block-kit/composition-rules.ts';
import { accessory, actionElement, inputElement } from './block-kit/element-rules.ts';
import { richTextElement } from './block-kit/rich-text-rules.ts';
import {
  andThen,
  boolean,
  byType,
  countCharacters,
  Findings,
  isObject,
  list,
  object,
  type Rule,
  string,
} from './block-kit/rules.ts';

/** Where the blocks are shown. */
export type Surface = 'message' | 'modal' | 'home';

/** Block types of Slack without rules here; they are refused rather than accepted unchecked. */
const UNCHECKED = [
  'alert',
  'card',
  'carousel',
  'container',
  'context_actions',
  'data_table',
  'file',
  'plan',
  'table',
  'task_card',
  'video',
];

const unchecked: Rule = (found, _value, at) =>
  found.add('this emulator has no rules for this block type', `${at}/type`);

const contextElement: Rule = (found, value, at) => {
  const rule = isObject(value) && value['type'] === 'image' ? byType({ image: image({}) }) : anyText();
  rule(found, value, at);
};

const section = andThen(
  object(
    {},
    {
      block_id: blockId,
      text: anyText(LIMITS.sectionText),
      fields: list(anyText(LIMITS.sectionField), 1, LIMITS.sectionFields),
      accessory,
      expand: boolean,
    },
  ),
  (found, value, at) => {
    if (isObject(value) && !('text' in value) && !('fields' in value)) {
      found.add('must define either `text` or `fields`', `${at}/type`);
    }
  },
);

const everywhere: Record<string, Rule> = {
  section,
  header: object({ text: plainText(LIMITS.header) }, { block_id: blockId }),
  divider: object({}, { block_id: blockId }),
  context: object({ elements: list(contextElement, 1, LIMITS.contextElements) }, { block_id: blockId }),
  actions: object({ elements: list(actionElement, 1, LIMITS.actionsElements) }, { block_id: blockId }),
  image: image({ block_id: blockId, title: plainText(LIMITS.imageTitle) }),
  input: object(
    { label: plainText(LIMITS.inputLabel), element: inputElement },
    { block_id: blockId, hint: plainText(LIMITS.inputHint), optional: boolean, dispatch_action: boolean },
  ),
  rich_text: object({ elements: list(richTextElement) }, { block_id: blockId }),
  ...Object.fromEntries(UNCHECKED.map((type) => [type, unchecked])),
};

const blockRules: Record<Surface, Rule> = {
  message: byType({ ...everywhere, markdown: object({ text: string(LIMITS.markdown, 1) }, { block_id: blockId }) }),
  modal: byType(everywhere),
  home: byType(everywhere),
};

/**
 * Checks blocks against Slack's rules for a surface.
 * @returns Slack's errors, as in `response_metadata.messages`; empty if the blocks are valid
 */
export function checkBlocks(blocks: unknown, surface: Surface = 'message', at = '/blocks'): string[] {
  const found = new Findings();
  list(blockRules[surface], 0, surface === 'message' ? LIMITS.messageBlocks : LIMITS.viewBlocks)(found, blocks, at);
  if (Array.isArray(blocks)) checkAcross(found, blocks.filter(isObject), at);
  return found.messages;
}

/** A block's interactive elements, with their JSON pointers: in `elements`, as accessory, or as input. */
export function interactiveElements(block: Json, at = ''): { element: Json; at: string }[] {
  const places: [unknown, string][] = [
    [block['accessory'], `${at}/accessory`],
    [block['element'], `${at}/element`],
  ];
  if (block['type'] === 'actions' && Array.isArray(block['elements'])) {
    for (const [index, element] of block['elements'].entries()) places.push([element, `${at}/elements/${index}`]);
  }
  return places.flatMap(([element, place]) =>
    isObject(element) && element['type'] !== 'image' ? [{ element, at: place }] : [],
  );
}

/** Rules across blocks: duplicate ids and the common limit of markdown blocks. */
function checkAcross(found: Findings, blocks: Json[], at: string): void {
  const blockIds = new Set<string>();
  let markdown = 0;
  for (const [index, block] of blocks.entries()) {
    const id = block['block_id'];
    if (typeof id === 'string' && id !== '') {
      if (blockIds.has(id)) found.add(`\`block_id\` "${id}" already exists`, `${at}/${index}/block_id`);
      blockIds.add(id);
    }
    checkActionIds(found, block, `${at}/${index}`);
    if (block['type'] === 'markdown' && typeof block['text'] === 'string') {
      const before = markdown;
      markdown += countCharacters(block['text']);
      if (before > 0 && markdown > LIMITS.markdown) {
        found.add(`must be less than ${LIMITS.markdown + 1} characters`, `${at}/${index}/text`);
      }
    }
  }
}

/** An `action_id` must be unique in its block; two blocks may use the same one. */
function checkActionIds(found: Findings, block: Json, at: string): void {
  const actionIds = new Set<unknown>();
  for (const { element, at: place } of interactiveElements(block, at)) {
    const id = element['action_id'];
    if (id === undefined) continue;
    if (actionIds.has(id)) found.add(`\`action_id\` "${String(id)}" already exists`, `${place}/action_id`);
    actionIds.add(id);
  }
}
