import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import type { FeatureVector } from '@trader/core/contract/feature-vector'
import { featureVectorQuery } from '@trader/workflows/messages'
import { featureId } from '@trader/workflows/names'

/** Length of the candles that features and the fill model are made of, in ms. */
export const minuteMs = 60_000

/** The features of each product at a market time (null: now), from its feature workflow; a product without one is left out. */
export async function readFeatures(
  client: Client,
  { products, marketTime }: { products: readonly string[]; marketTime: number | null },
): Promise<FeatureVector[]> {
  const vectors = await Promise.all(products.map((product) => readFeaturesOf(client, { product, marketTime })))
  return vectors.filter((vector) => vector !== null)
}

async function readFeaturesOf(
  client: Client,
  { product, marketTime }: { product: string; marketTime: number | null },
): Promise<FeatureVector | null> {
  try {
    return await client.workflow.getHandle(featureId(product)).query(featureVectorQuery, marketTime)
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null
    throw error
  }
}
