/** Tested in test/backends/sonzai/index.test.ts and test/backends/inbox/http/routes.test.ts. */
import type { Pause } from '../../core/approval/pause/pause.ts';
import type { RawNumber } from '../../core/text/json.ts';
import { percent } from '../../core/text/percent.ts';

/** What Sonzai's items and the inbox's questions have in common. */
interface ItemFields {
  contact_name: string;
  user_id: string;
  confidence: number | RawNumber | null;
  tags: readonly string[] | null;
  payload?: unknown;
}

/** The end user whom an item is about; null where it names none. */
export function contactOf({ contact_name, user_id }: ItemFields): NonNullable<Pause['contact']> | null {
  const [name, id] = [contact_name.trim(), user_id.trim()];
  return name === '' && id === '' ? null : { name: name || id, id };
}

/** The parameters that follow what an item is about. */
export function furtherParameters({ confidence, tags, payload = null }: ItemFields): Record<string, unknown> {
  return {
    ...(confidence !== null && { confidence: percent(confidence) }),
    ...(tags !== null && tags.length > 0 && { tags: tags.join(', ') }),
    ...(payload !== null && { payload }),
  };
}
