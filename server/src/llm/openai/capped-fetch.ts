/** A provider sent more than we read. */
export class BodyTooLongError extends Error {}

/** A fetch whose response bodies end in a `BodyTooLongError` once they pass `maxBytes`: no reply can fill the memory. */
export function cappedFetch(maxBytes: number): typeof fetch {
  return async (input, init) => {
    // A redirect could carry the key to another host.
    const response = await fetch(input, { ...init, redirect: 'error' })
    if (response.body === null) return response
    let bytes = 0
    const body = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform: (chunk, controller) => {
          bytes += chunk.byteLength
          if (bytes > maxBytes) controller.error(new BodyTooLongError(`the reply has more than ${maxBytes} bytes`))
          else controller.enqueue(chunk)
        },
      }),
    )
    return new Response(body, { status: response.status, statusText: response.statusText, headers: response.headers })
  }
}
