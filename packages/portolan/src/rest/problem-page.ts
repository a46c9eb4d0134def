import { escapeHtml } from './html.ts'
import type { Problem } from './problem.ts'

/** A problem as a small page, for people. */
export function problemPage(problem: Problem): string {
  const issues = problem.issues?.map(
    ({ path, message }) => `<li><b>${escapeHtml(path)}</b> ${escapeHtml(message)}</li>`,
  )
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(problem.title)}</title>
<style>
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 18vh auto 0; padding: 0 1.25rem }
h1 { font-size: 1.4rem; margin: 0 } small { opacity: .65 }
</style>
<h1>${escapeHtml(problem.title)}</h1>
<p>${escapeHtml(problem.detail)}</p>
${issues ? `<ul>${issues.join('')}</ul>` : ''}
<p><small>Status ${problem.status} · request ${escapeHtml(problem.requestId)}</small></p>
</html>
`
}
