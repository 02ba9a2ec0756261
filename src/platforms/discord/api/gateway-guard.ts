import { type IShardingStrategy, SimpleShardingStrategy } from 'discord.js';
import { coerceError } from '../../../core/ports/errors.ts';

type Manager = ConstructorParameters<typeof SimpleShardingStrategy>[0];

/**
 * Two bugs of discord.js’s gateway, avoided through `ws.buildStrategy`:
 *
 * - A dispatch that its handlers can’t read throws an unhandled rejection and ends the process. Here it is reported, and
 *   the next one is handled. Frames with another op code are not covered: a HELLO or an INVALID SESSION without its `d`
 *   still rejects inside the library.
 * - `client.destroy()` during the 500 ms before a reconnect does not stop the reconnect, and the new connection can’t be
 *   closed. Once parked, the library’s next attempt waits forever, before it opens a connection.
 */
export interface GatewayGuard {
  buildStrategy(manager: Manager): IShardingStrategy;
  /** Prevents new connections. */
  park(): void;
  /** Resolves when an attempt to connect was prevented. */
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
      // Every attempt to connect calls this first, before it opens the socket.
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
