/** A share under the default cap of a position (25 % of equity), with room for what prices do until the fill. */
export const fraction = { type: 'number', default: 0.2, min: 0.001, max: 1, description: 'share of the cash that an entry spends' } as const
