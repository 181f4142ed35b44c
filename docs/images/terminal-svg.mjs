// Turns terminal text on stdin into an SVG on stdout:
//   ./trader start --run-for 30s --speed 60 --no-chat 2>&1 | node docs/images/terminal-svg.mjs > docs/images/start.svg
import { readFileSync } from 'node:fs'

const charWidth = 8.4
const lineHeight = 20
const padding = 20
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
const colour = (line) => (/^(✓|Ready)/.test(line.trim()) ? '#7ee2a8' : line.startsWith('$') ? '#ffffff' : '#c9d1d9')

const lines = readFileSync(0, 'utf8').trimEnd().split('\n')
const width = Math.ceil(Math.max(...lines.map((line) => line.length)) * charWidth + 2 * padding)
const height = lines.length * lineHeight + 2 * padding
const rows = lines.map(
  (line, index) =>
    `<text x="${padding}" y="${padding + 14 + index * lineHeight}" fill="${colour(line)}" xml:space="preserve">${escape(line)}</text>`,
)
process.stdout.write(
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="A terminal showing what trader start prints">
<rect width="100%" height="100%" rx="8" fill="#16181d"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14">
${rows.join('\n')}
</g>
</svg>
`,
)
