import { createParser } from 'eventsource-parser';

/** Far above any real event; what is longer would only eat memory, and its stream must go on. */
export const EVENT_MAX_CHARACTERS = 4 * 1024 * 1024;

export interface SseMessage {
  /** Of the `event:` line; null where there is none. */
  event: string | null;
  data: string;
}

export interface SseDecoder {
  push(bytes: Uint8Array): void;
  /** Of a stream that ended after an event's last line but before the blank line, that event is told too. */
  end(): void;
}

// Two line ends in a row, in any of the three spellings; a `\r` before a `\n` is half of one.
const blankLine = /(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r)/;

/**
 * Decodes an event stream, however its bytes are cut. An event longer than `maxCharacters` is left out, the ones
 * behind it are told. Calls back synchronously.
 */
export function createSseDecoder(options: {
  /** `id`: of its own `id:` line, null where it has none. */
  onMessage: (message: SseMessage, id: string | null) => void;
  onOversize: () => void;
  maxCharacters?: number;
}): SseDecoder {
  const maxCharacters = options.maxCharacters ?? EVENT_MAX_CHARACTERS;
  // The parser takes the one BOM that a stream may begin with; the decoder would take another.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  /** Line ends at the end of what was skipped so far; null while nothing is skipped. */
  let skipped: string | null = null;
  let overflowed = false;

  const parser = createParser({
    maxBufferSize: maxCharacters,
    onEvent: ({ event, data, id }) => options.onMessage({ event: event ?? null, data }, id ?? null),
    onError: ({ type }) => {
      overflowed ||= type === 'max-buffer-size-exceeded';
    },
  });

  function feed(text: string): void {
    parser.feed(text);
    if (!overflowed) return;
    overflowed = false;
    parser.reset();
    options.onOversize();
    // The event that is too long began before this piece, so its end is the first blank line in it.
    skipped = '';
    skip(text);
  }

  function skip(text: string): void {
    const seen = skipped + text;
    const end = blankLine.exec(seen);
    if (end === null) {
      skipped = /[\r\n]{0,2}$/.exec(seen)?.[0] ?? '';
      return;
    }
    skipped = null;
    feed(seen.slice(end.index + end[0].length));
  }

  function take(text: string): void {
    // In pieces shorter than the limit, so that an event that is too long always began in an earlier piece.
    for (let at = 0; at < text.length; at += maxCharacters) {
      const piece = at === 0 && text.length <= maxCharacters ? text : text.slice(at, at + maxCharacters);
      if (skipped === null) feed(piece);
      else skip(piece);
    }
  }

  return {
    push: (bytes) => take(decoder.decode(bytes, { stream: true })),
    end: () => {
      take(decoder.decode());
      // A pause whose JSON is whole is worth more than the rule that its blank line must have come.
      if (skipped === null) take('\n\n');
    },
  };
}
