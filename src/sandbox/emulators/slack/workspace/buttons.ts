import { randomBytes } from 'node:crypto';
import { interactiveElements } from '../checks/blocks.ts';
import type { Json } from '../types.ts';

/** A button as a client knows it. */
export interface Button {
  actionId: string;
  blockId: string;
  element: Json;
}

function newId(): string {
  return randomBytes(4).toString('base64url').slice(0, 5);
}

/** The blocks as Slack returns them: each block has a `block_id`, each interactive element an `action_id`. */
export function fillIds(blocks: Json[]): Json[] {
  return blocks.map((block) => {
    const filled = structuredClone(block);
    if (!filled['block_id']) filled['block_id'] = newId();
    for (const { element } of interactiveElements(filled)) element['action_id'] ??= newId();
    return filled;
  });
}

/** All buttons in blocks that went through `fillIds`. */
export function findButtons(blocks: Json[]): Button[] {
  return blocks.flatMap((block) =>
    interactiveElements(block)
      .filter(({ element }) => element['type'] === 'button')
      .map(({ element }) => ({
        actionId: String(element['action_id']),
        blockId: String(block['block_id']),
        element,
      })),
  );
}
