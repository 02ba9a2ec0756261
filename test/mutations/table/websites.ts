/** Website chats: whose chats get cards, whose approvals they are, and what a visitor may learn. */
import type { Mutations } from '../mutation.ts';

export const websiteMutations = {
  'website-only-named': {
    about: 'only chats of a named token or origin get cards',
    rows: [24],
    edits: [{ in: 'createWebsiteChats', find: `if (named === null && known === null) {`, put: `if (call === null) {` }],
    test: 'backends/runtype/website/chats',
    title: 'are known by their origin, exactly',
  },
  'website-session-of-token': {
    about: 'only a session that Runtype has begun is known by its token',
    rows: [24],
    edits: [
      { in: 'createWebsiteChats', find: `if (isSuccess(status) && site !== null) {`, put: `if (site !== null) {` },
    ],
    test: 'backends/runtype/website/chats',
    title: 'that Runtype refused',
  },
  'website-source-of-its-own': {
    about: 'each website counts alone: one that is flooded fills the rooms of no other',
    rows: [45],
    edits: [{ in: 'PauseTracker', find: 'if (website && site !== null)', put: `if (website && site === '')` }],
    test: 'backends/runtype/website/visitor-approvals',
    title: 'counts among those of its website',
  },
  'website-of-its-token': {
    about: 'a visitor does not choose the website that its chat counts among',
    rows: [45],
    edits: [
      { in: 'createWebsiteChats', find: 'site: known?.site ?? named,', put: 'site: named ?? known?.site ?? null,' },
    ],
    test: 'backends/runtype/website/chats',
    title: 'are of the website whose token began their session',
  },
  'website-refused-visitor': {
    about: 'an approval that was left to the visitor gets a card once Runtype refuses the visitor',
    rows: [35],
    edits: [{ in: 'VisitorApprovals', find: `return kept?.announced ?? `, put: `return ` }],
    test: 'stories/runs/website',
    title: 'gets its card once Runtype says so',
  },
  'website-no-names': {
    about: 'a visitor who comes second does not learn who decided',
    rows: [23],
    edits: [
      { in: 'claimDecision', find: `lostBody(recorded.approval, caller?.website)`, put: `lostBody(recorded.approval)` },
    ],
    test: 'stories/runs/website',
    title: 'answers the visitor without a name',
  },
  'website-flood': {
    about: 'website chats make only so many cards',
    rows: [27],
    edits: [{ in: 'Allowance', find: `if (taken.count >= this.#max) return false;`, put: '' }],
    test: 'backends/runtype/website/visitor-approvals',
    title: 'gets a card only so often',
  },
  'website-own-tools': {
    about: 'the awaits of a website chat belong to its page',
    rows: [4],
    edits: [{ in: 'PauseTracker', find: ` || website) {`, put: `) {` }],
    test: 'stories/runs/website',
    title: 'leaves the page’s own tools to the page',
  },
} as const satisfies Mutations;
