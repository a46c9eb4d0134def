/** The look of the documentation page: system fonts, light and dark, from a phone's width up. */
export const docsStyle = `
:root { color-scheme: light dark; --ink: light-dark(#1d2329, #e3e7eb); --soft: light-dark(#5d6873, #98a3ae);
  --line: light-dark(#dfe4e8, #2e353c); --ground: light-dark(#fff, #14181c); --raised: light-dark(#f6f8f9, #1b2025); --link: light-dark(#0b63b5, #6fb3f2) }
* { box-sizing: border-box }
html { scroll-behavior: smooth; scroll-padding-top: 1rem }
body { margin: 0 auto; max-width: 76rem; padding: 1.25rem; font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--ground) }
a { color: var(--link); text-decoration: none } a:hover { text-decoration: underline }
h1 { margin: 0; font-size: 1.7rem; line-height: 1.2 } h1 small { font-size: .9rem; font-weight: 400; color: var(--soft) }
h2 { font-size: .85rem; margin: 1.75rem 0 .5rem; color: var(--soft); text-transform: uppercase; letter-spacing: .06em }
h3 { margin: 0 0 .4rem; font-size: 1.05rem; font-weight: 500 } h4 { margin: 1.1rem 0 .3rem; font-size: .9rem }
header p { margin: .5rem 0 0; max-width: 46rem } code, pre { font: .875em/1.5 ui-monospace, Menlo, Consolas, monospace }
nav ul { list-style: none; margin: 0; padding: 0 } nav a { display: block; padding: .2rem 0; color: inherit }
nav code { overflow-wrap: anywhere }
article { margin: 0 0 1rem; padding: 1rem 1.1rem; border: 1px solid var(--line); border-radius: .6rem }
article:target { border-color: var(--link) } article p { margin: .3rem 0 } article.deprecated h3 code { text-decoration: line-through }
em { color: light-dark(#a04a00, #f0a860); font-style: normal }
.method { display: inline-block; min-width: 4.1em; margin-right: .55rem; padding: .1em .45em; border-radius: .3rem; text-align: center;
  font: 600 .72rem/1.5 system-ui, sans-serif; color: #fff; background: #5d6873 }
.method.get { background: #1e6fbf } .method.post { background: #1b7f4b } .method.put, .method.patch { background: #9a5b00 } .method.delete { background: #b3362b }
table { width: 100%; border-collapse: collapse; font-size: .92rem } tr { border-top: 1px solid var(--line) } tr:first-child { border-top: 0 }
th { width: 32%; padding: .35rem .6rem .35rem 0; text-align: left; vertical-align: top; font-weight: 400; overflow-wrap: anywhere } td { padding: .35rem 0; overflow-wrap: anywhere }
.type { color: var(--soft) } .required { color: light-dark(#b3362b, #ff8a7d); margin-left: .15em }
details { border-top: 1px solid var(--line) } summary, .response { padding: .35rem 0; cursor: pointer } .response { cursor: default; margin: 0; border-top: 1px solid var(--line) }
details table { margin: 0 0 .5rem 1.1rem; width: calc(100% - 1.1rem) }
.status { font-variant-numeric: tabular-nums } .s2 { color: light-dark(#1b7f4b, #63d39a) } .s4, .s5 { color: light-dark(#b3362b, #ff8a7d) }
pre { margin: 0; padding: .75rem .9rem; overflow-x: auto; border-radius: .45rem; background: var(--raised) }
@media (min-width: 60rem) {
  body { display: grid; grid-template-columns: 17rem minmax(0, 1fr); column-gap: 2.5rem } header { grid-column: 1 / -1 }
  nav { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow-y: auto; padding-bottom: 2rem }
}
@media (max-width: 34rem) { th { width: 40% } body { padding: .9rem } article { padding: .85rem } }
`
