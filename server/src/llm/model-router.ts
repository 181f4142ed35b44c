import type { ModelClient } from './model.ts'

/** One client for all models: the part of a name before the colon chooses the vendor. A vendor that is not set up is a provider error. */
export function createModelRouter(vendors: Readonly<Record<string, ModelClient>>): ModelClient {
  return {
    complete: async (request) => {
      const vendor = vendorOf(request.model)
      const client = Object.hasOwn(vendors, vendor) ? vendors[vendor] : undefined
      if (client !== undefined) return client.complete(request)
      const error = `no model vendor "${vendor}" is set up; there are ${Object.keys(vendors).join(', ') || 'none'}`
      return { outcome: 'provider_error', text: null, error, tokensIn: 0, tokensOut: 0, latencyMs: 0 }
    },
  }
}

/** `openai` of `openai:gpt-4o`; `offline` of `offline`. */
export function vendorOf(model: string): string {
  return model.split(':', 1)[0] ?? model
}

/** `gpt-4o` of `openai:gpt-4o`; a model's own name may hold colons too, as in `openai:llama3:8b`. */
export function modelIdOf(model: string): string {
  return model.slice(vendorOf(model).length + 1)
}
