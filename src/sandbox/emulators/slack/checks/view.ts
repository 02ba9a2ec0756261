import { LIMITS } from '../web-api/limits.ts';
import { plainText } from './block-kit/composition-rules.ts';
import { boolean, byType, Findings, isObject, object, type Rule, string } from './block-kit/rules.ts';
import { checkBlocks, type Surface } from './blocks.ts';

const common: Record<string, Rule> = {
  callback_id: string(LIMITS.callbackId),
  private_metadata: string(LIMITS.privateMetadata),
  external_id: string(LIMITS.externalId),
};

function blocksOn(surface: Surface): Rule {
  return (found, value, at) => found.messages.push(...checkBlocks(value, surface, at));
}

const modal = object(
  { title: plainText(LIMITS.viewTitle), blocks: blocksOn('modal') },
  {
    ...common,
    submit: plainText(LIMITS.viewButton),
    close: plainText(LIMITS.viewButton),
    clear_on_close: boolean,
    notify_on_close: boolean,
  },
);

const home = object({ blocks: blocksOn('home') }, common);

/**
 * Checks a view against Slack's rules.
 * @returns Slack's errors, as in `response_metadata.messages`; empty if the view is valid
 */
export function checkView(view: unknown, type: 'modal' | 'home' = 'modal'): string[] {
  const found = new Findings();
  byType(type === 'modal' ? { modal } : { home })(found, view, '/view');
  if (type === 'modal' && isObject(view) && view['submit'] === undefined && Array.isArray(view['blocks'])) {
    for (const [index, block] of view['blocks'].entries()) {
      if (isObject(block) && block['type'] === 'input') {
        found.add('must define `submit` to use an `input` block in modals', `/view/blocks/${index}/input`);
      }
    }
  }
  return found.messages;
}
