import type { RoomSelector } from '../../core/ports/store.ts';

/** Such as `slack:C0123`, or `slack` for the whole platform. */
export function placeText({ platform, room }: RoomSelector): string {
  return room === null ? platform : `${platform}:${room}`;
}

export function parsePlaceText(text: string): RoomSelector {
  const at = text.indexOf(':');
  return at === -1 ? { platform: text, room: null } : { platform: text.slice(0, at), room: text.slice(at + 1) };
}
