import { type IShardingStrategy, SimpleShardingStrategy } from 'discord.js';
import { coerceError } from '../../../core/ports/errors.ts';

type Manager = ConstructorParameters<typeof SimpleShardingStrategy>[0];

/**
 * Two traps of discord.js's gateway, closed where it lets us in (`ws.buildStrategy`):
 *
 * - A dispatch that its handlers can't read throws out of them, as an unhandled rejection, and ends the process. Here it
 *   is reported instead, and the next one is read as usual. Not covered are frames with another op code: a HELLO or an
 *   INVALID SESSION without its `d` still rejects inside the library.
 * - `client.destroy()` during the half second before a reconnect does not stop it: a moment later there is a connection
 *   that nobody can close. Once parked, the library's next attempt waits for ever, before it opens anything.
 */
export interface GatewayGuard {
  buildStrategy(manager: Manager): IShardingStrategy;
  /** No new connection from here on. */
  park(): void;
  /** Resolves when an attempt to connect was held back. */
  readonly held: Promise<void>;
}

export function createGatewayGuard(onFault: (error: Error) => void): GatewayGuard {
  const { promise: held, resolve: hold } = Promise.withResolvers<void>();
  let parked = false;

  return {
    held,
    park() {
      parked = true;
    },
    buildStrategy(manager) {
      const emit = manager.emit.bind(manager);
      manager.emit = (...event: Parameters<typeof emit>) => {
        try {
          return emit(...event);
        } catch (thrown) {
          onFault(coerceError(thrown));
          return true;
        }
      };
      // Asked for first in every attempt to connect, before the socket is made.
      const { options } = manager;
      const retrieve = options.retrieveSessionInfo;
      options.retrieveSessionInfo = (shardId) => {
        if (!parked) return retrieve(shardId);
        hold();
        return new Promise(() => {});
      };
      return new SimpleShardingStrategy(manager);
    },
  };
}
