import type { Actor } from '../../../core/approval/approval.ts';
import { actorName } from '../../../core/approval/names.ts';
import { clip } from '../../../core/text/text.ts';

/** Of the text that names a person to an agent, id included. */
const BY_MAX = 80;
const ID_MAX = 40;

/** Name and id, so that an agent can tell two people of one name apart. */
export function nameOf(actor: Actor): string {
  const id = clip(actor.id, ID_MAX);
  const name = actorName(actor);
  return name === actor.id ? id : `${clip(name, BY_MAX - id.length - 3)} (${id})`;
}
