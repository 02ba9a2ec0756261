import type { Json } from '../types.ts';
import { listArg, objectArg, textArg } from '../web-api/args.ts';
import { LIMITS } from '../web-api/limits.ts';
import { Refusal, refuseWith } from '../web-api/refusal.ts';
import { countCharacters, isObject } from './block-kit/rules.ts';
import { checkBlocks } from './blocks.ts';

/** The content of a call; undefined where it is absent. */
export interface Body {
  text: string | undefined;
  blocks: Json[] | undefined;
  attachments: Json[] | undefined;
}

/**
 * Reads and checks the content of a message.
 * @throws Refusal with Slack's error code
 */
export function readBody(args: Json): Body {
  const blocks = listArg(args, 'blocks', 'invalid_blocks_format');
  const attachments = listArg(args, 'attachments', 'invalid_attachments');
  const text = args['text'] === undefined || args['text'] === null ? undefined : textArg(args, 'text');
  if (blocks !== undefined) checkMessageBlocks(blocks);
  if (attachments !== undefined) checkAttachments(attachments);
  if (!text && !blocks?.length && !attachments?.length) throw new Refusal('no_text');
  if (text !== undefined && countCharacters(text) > LIMITS.text) throw new Refusal('msg_too_long');
  return { text, blocks, attachments };
}

function checkMessageBlocks(blocks: Json[]): void {
  const messages = checkBlocks(blocks, 'message');
  if (messages.length > 0) throw refuseWith('invalid_blocks', messages);
  if (countCharacters(JSON.stringify(blocks)) > LIMITS.messageBlocksJson) throw new Refusal('msg_blocks_too_long');
}

function checkAttachments(attachments: Json[]): void {
  if (attachments.length > LIMITS.attachments) throw new Refusal('too_many_attachments');
  const messages = attachments.flatMap((attachment, index) =>
    isObject(attachment) && attachment['blocks'] !== undefined
      ? checkBlocks(attachment['blocks'], 'message', `/attachments/${index}/blocks`)
      : [],
  );
  if (messages.length > 0) throw refuseWith('invalid_attachments', messages);
}

/**
 * Reads a message's metadata: undefined if absent, null if an empty object removes it.
 * @throws Refusal `invalid_metadata_format` unless it is `{ event_type, event_payload }`.
 */
export function readMetadata(args: Json): Json | null | undefined {
  const metadata = objectArg(args, 'metadata', 'invalid_metadata_format');
  if (metadata === undefined) return undefined;
  if (Object.keys(metadata).length === 0) return null;
  if (
    typeof metadata['event_type'] !== 'string' ||
    metadata['event_type'] === '' ||
    !isObject(metadata['event_payload'])
  ) {
    throw new Refusal('invalid_metadata_format');
  }
  return metadata;
}
