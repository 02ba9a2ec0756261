import { obj, str } from '../lib/json.ts';
import { Rich } from '../text/rich.tsx';
import { parseMrkdwn, parsePlain } from './mrkdwn.ts';

/** A text object of either kind. */
export function SlackText({ text }: { text: unknown }) {
  const { type, text: content, emoji, verbatim } = obj(text);
  const nodes =
    type === 'mrkdwn' ? parseMrkdwn(str(content), verbatim !== true) : parsePlain(str(content), emoji !== false);
  return <Rich nodes={nodes} />;
}
