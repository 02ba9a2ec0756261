/** The one style sheet, and the icon: in the code, so that they are in every build. Tested in test/browser/operator.test.ts. */

export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#14746e"/><path d="M8 17l5.5 5.5L24 11" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/></svg>`;

/** System fonts; colours for light and dark; a table becomes cards below 46 rem. */
export const style = `:root {
  color-scheme: light dark;
  --paper: #f4f5f7;
  --card: #fff;
  --ink: #1b1f24;
  --faint: #4f5863;
  --line: #cdd2d9;
  --accent: #0f625d;
  --accent-ink: #fff;
  --code: #eef0f3;
  --good: #d4f0e2; --good-ink: #0b4f34;
  --bad: #fbdedc; --bad-ink: #86190f;
  --warn: #fbecc8; --warn-ink: #5c4000;
  --open: #dcebfa; --open-ink: #0b4070;
  --neutral: #e4e7eb; --neutral-ink: #333b44;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b;
    --card: #1d2126;
    --ink: #e6e9ed;
    --faint: #a9b2bd;
    --line: #3b434d;
    --accent: #7fd1ca;
    --accent-ink: #08211f;
    --code: #262c33;
    --good: #103c2a; --good-ink: #a7ebc9;
    --bad: #4a1a17; --bad-ink: #ffc9c4;
    --warn: #43330a; --warn-ink: #fbe1a0;
    --open: #12304b; --open-ink: #b9dcff;
    --neutral: #323941; --neutral-ink: #d5dae0;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0;
  background: var(--paper);
  color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  overflow-wrap: anywhere;
}
code, pre, time { font-variant-numeric: tabular-nums; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .875em; }
code { background: var(--code); border-radius: .25rem; padding: .1em .3em; }
a { color: var(--accent); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: .2rem; }
main:focus { outline: none; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 1rem; }
h2 { font-size: 1.2rem; line-height: 1.3; margin: 2rem 0 .5rem; }
h3 { font-size: 1.05rem; margin: 0 0 .5rem; }
p { margin: 0 0 .75rem; }
.hidden, .skip:not(:focus) {
  position: absolute; width: 1px; height: 1px; margin: -1px; padding: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
.skip:focus { position: absolute; left: .5rem; top: .5rem; background: var(--card); padding: .5rem .75rem; z-index: 1; }
.top {
  display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1.5rem;
  padding: .75rem 1.25rem; background: var(--card); border-bottom: 1px solid var(--line);
}
.brand { margin: 0; font-weight: 700; }
.brand a { color: inherit; text-decoration: none; }
.brand span { font-weight: 400; color: var(--faint); }
.top nav { flex: 1 1 auto; }
.top ul { display: flex; flex-wrap: wrap; gap: .25rem; list-style: none; margin: 0; padding: 0; }
.top nav a { display: block; padding: .35rem .7rem; border-radius: .4rem; color: var(--ink); text-decoration: none; }
.top nav a:hover { background: var(--code); }
.top nav a[aria-current] { background: var(--accent); color: var(--accent-ink); font-weight: 600; }
.count { font-size: .8125rem; font-weight: 600; padding: .05rem .4rem; border-radius: 1rem; background: var(--neutral); color: var(--neutral-ink); }
.count.bad { background: var(--bad); color: var(--bad-ink); }
.who { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem .75rem; color: var(--faint); font-size: .9375rem; }
form { margin: 0; }
button, input, select { font: inherit; color: inherit; }
button {
  min-height: 2.4rem; padding: .3rem .9rem; border: 1px solid var(--accent); border-radius: .4rem;
  background: var(--accent); color: var(--accent-ink); font-weight: 600; cursor: pointer; white-space: nowrap; overflow-wrap: normal;
}
.who button { background: transparent; color: var(--accent); font-weight: 400; min-height: 2rem; padding: .1rem .6rem; }
button:hover { filter: brightness(1.08); }
input, select {
  width: 100%; min-height: 2.4rem; padding: .3rem .6rem; background: var(--card); border: 1px solid var(--faint); border-radius: .4rem;
}
main { max-width: 76rem; margin: 0 auto; padding: 1.5rem 1.25rem 2rem; }
main.narrow { max-width: 30rem; }
footer { max-width: 76rem; margin: 0 auto; padding: 0 1.25rem 2rem; color: var(--faint); font-size: .875rem; }
footer p { margin: 0 0 .25rem; }
.intro, .detail, .exact { color: var(--faint); }
.detail { display: block; font-size: .9375rem; }
.exact { font-size: .875em; white-space: nowrap; }
.empty { padding: 1.5rem; background: var(--card); border: 1px dashed var(--line); border-radius: .5rem; }
.notice { margin: 0 0 1rem; padding: .7rem 1rem; border-radius: .5rem; border-left: .3rem solid currentColor; }
.notice p { margin: 0; }
.notice a { color: inherit; }
.notice.good { background: var(--good); color: var(--good-ink); }
.notice.bad { background: var(--bad); color: var(--bad-ink); }
.notice.warning { background: var(--warn); color: var(--warn-ink); }
.badge {
  display: inline-block; padding: .05rem .5rem; border-radius: .3rem; font-size: .875rem; font-weight: 600; white-space: nowrap;
  background: var(--neutral); color: var(--neutral-ink);
}
.badge.good { background: var(--good); color: var(--good-ink); }
.badge.bad, .badge.danger, .badge.rejected { background: var(--bad); color: var(--bad-ink); }
.badge.warning { background: var(--warn); color: var(--warn-ink); }
.badge.open, .badge.pending, .badge.claimed { background: var(--open); color: var(--open-ink); }
.items { display: grid; gap: 1rem; }
.item, .rule, main > section {
  background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.25rem; margin: 0 0 1rem;
}
.item { border-left: .35rem solid var(--open-ink); margin: 0; }
.item.danger { border-left-color: var(--bad-ink); }
.item.claimed { border-left-color: var(--warn-ink); }
.item h2, .item h3, main > section > h2:first-child { margin-top: 0; }
.item > :last-child, .rule > :last-child, main > section > :last-child, dd > ul.lines:last-child { margin-bottom: 0; }
.status { font-weight: 600; }
.status .exact, .status time { font-weight: 400; }
dl { display: grid; gap: .35rem; margin: 0 0 .75rem; }
dl > div { display: grid; grid-template-columns: 11rem 1fr; gap: 0 1rem; }
dt { color: var(--faint); }
dd { margin: 0; }
dl > div > dd > ul { margin: 0; }
ul.lines, ul.places, ul.cautions { margin: 0 0 .75rem; padding: 0 0 0 1.1rem; }
dd > ul.places { list-style: none; padding: 0; }
ul.cautions { color: var(--warn-ink); background: var(--warn); border-radius: .4rem; padding: .5rem 1rem .5rem 2rem; }
figure { margin: 0 0 .75rem; }
figcaption { color: var(--faint); font-size: .9375rem; margin-bottom: .2rem; }
pre, blockquote {
  margin: 0 0 .75rem; padding: .7rem .9rem; background: var(--code); border-radius: .4rem; white-space: pre-wrap;
  max-height: 60vh; overflow: auto; unicode-bidi: isolate;
}
blockquote { border-left: .3rem solid var(--line); }
.table { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: .6rem; margin: 0 0 1rem; }
main > section .table { border-radius: .4rem; }
table { width: 100%; border-collapse: collapse; }
tbody th, tbody td { border-top: 1px solid var(--line); }
th, td { text-align: left; vertical-align: top; padding: .6rem .9rem; font-weight: 400; min-width: 5rem; }
tbody th { min-width: 9rem; }
thead th { font-weight: 600; font-size: .9375rem; }
.pager { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; padding: .5rem 0; }
.search, .sign-in { display: grid; gap: .75rem 1rem; }
.search { grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); align-items: end; background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.25rem; margin-bottom: 1rem; }
.search .buttons { display: flex; align-items: center; gap: 1rem; }
.field label { display: block; font-size: .9375rem; color: var(--faint); margin-bottom: .2rem; }
@media (max-width: 46rem) {
  .top { padding: .75rem 1rem; gap: .5rem; }
  main { padding: 1rem 1rem 2rem; }
  .top nav { flex-basis: 100%; order: 3; }
  .who { margin-left: auto; }
  h1 { font-size: 1.4rem; }
  dl > div { grid-template-columns: 1fr; }
  .item, .rule, main > section { padding: .9rem 1rem; }
  .table { border: 0; background: none; overflow: visible; }
  table, tbody, tr, th, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody tr { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .6rem .9rem; margin-bottom: .75rem; }
  main > section tbody tr { background: var(--paper); }
  tbody th, tbody td { border: 0; padding: .2rem 0; min-width: 0; }
  tbody th { font-weight: 600; }
  tbody td { display: grid; grid-template-columns: 7rem 1fr; gap: .5rem; }
  tbody td::before { content: attr(data-label); color: var(--faint); }
  .exact { white-space: normal; }
}
@media (prefers-reduced-motion: reduce) {
  *, *::before, *::after { animation: none; transition: none; scroll-behavior: auto; }
}
@media (forced-colors: active) {
  .badge, .notice, .count { border: 1px solid; }
}
`;
