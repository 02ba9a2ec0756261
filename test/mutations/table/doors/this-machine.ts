/** Row 45, on this machine: which host a request names, and what a caller on loopback proves. */
import type { Mutations } from '../../mutation.ts';

export const machineMutations = {
  'host-checked': {
    about: 'a request for another host is not served',
    rows: [45],
    edits: [
      { in: 'startServer', find: 'const refused = isOpen ? null : checkHost(incoming);', put: 'const refused = null;' },
    ],
    test: 'http/host-check',
    title: 'may not be another name',
  },
  'host-named-once': {
    about: 'a request that names two hosts is not served',
    rows: [45],
    edits: [
      {
        in: 'createHostCheck',
        find: 'const { host } = headersOf(rawHeaders);',
        put: 'const host = headersOf(rawHeaders)["host"]?.split(",")[0];',
      },
    ],
    test: 'http/host-check',
    title: 'may not be the header twice',
  },
  'host-of-the-target': {
    about: 'the host of an absolute target is checked',
    rows: [45],
    edits: [
      {
        in: 'createHostCheck',
        find: `if (url.startsWith('/') || url === '*') return null;`,
        put: 'if (url) return null;',
      },
    ],
    test: 'http/host-check',
    title: 'is that of an absolute target, too',
  },
  'host-open-for-liveness-only': {
    about: 'only /healthz itself is served for any host, not what begins like it',
    rows: [45],
    edits: [
      {
        in: 'isOpenToAnyHost',
        find: `target === '/healthz' || target.startsWith('/healthz?')`,
        put: `/^\\/healthz/.test(target)`,
      },
    ],
    test: 'http/host-check',
    title: 'may not be another name',
  },
  'probes-closed-behind-a-proxy': {
    about: 'where callers may be on other machines, a connection from this one opens nothing',
    rows: [45],
    edits: [{ in: 'probeRoutes', find: 'if (exposedBy !== null) return false;', put: '' }],
    test: 'http/probes',
    title: 'is closed without a token where callers may be on other machines',
  },
  'keys-listed': {
    about: 'without GATEWAY_KEYS, only streams of our own key get cards',
    rows: [45],
    edits: [{ in: 'RuntypeConfig', find: `isAny ? 'any' : (keys ?? ours)`, put: `isAny ? 'any' : (keys ?? 'any')` }],
    test: 'backends/runtype/settings',
    title: 'make cards for our own key',
  },
  'keys-required-behind-a-proxy': {
    about: 'every key at the gateway is refused where callers may be on other machines',
    rows: [45],
    edits: [{ in: 'RuntypeConfig', find: 'if (isAny && open !== null) {', put: 'if (isAny && open === "") {' }],
    test: 'config/exposure',
    title: 'make every key at the gateway an error of the settings',
  },
} as const satisfies Mutations;
