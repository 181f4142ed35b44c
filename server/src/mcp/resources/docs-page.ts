import { readdir, readFile } from 'node:fs/promises'
import { z } from 'zod'
import { defineTextResource } from '../resource.ts'
import { starting } from './completers.ts'

const folder = new URL('../../../../docs/', import.meta.url)
/** The pages change with the program alone. */
const pageTtlMs = 3_600_000

export const docsPage = defineTextResource({
  uri: 'trader://docs/{page}',
  name: 'docs-page',
  title: 'Documentation',
  description: "A page of this program's documentation, such as architecture, operating, tools or glossary.",
  mimeType: 'text/markdown',
  variables: z.strictObject({ page: z.string().regex(/^[a-z0-9-]{1,64}$/, 'must be the name of a page, such as operating') }),
  complete: { page: async (_, start) => starting(await pages(), start) },
  async read(_, { page }) {
    if (!(await pages()).includes(page)) return null
    return { content: await readFile(new URL(`${page}.md`, folder), 'utf8'), ttlMs: pageTtlMs }
  },
})

/** An installation without its documentation has no pages. */
async function pages(): Promise<string[]> {
  const files = await readdir(folder).catch((): string[] => [])
  return files
    .filter((file) => file.endsWith('.md'))
    .map((file) => file.slice(0, -'.md'.length))
    .toSorted()
}
