/** Candles that a feature vector is made of; older ones never matter, so a longer memory cannot change a decision. */
export const featureCandles = 120
