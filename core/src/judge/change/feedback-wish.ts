/** What a user's words to the Judge ask of the agent's boldness; `unclear` for everything else. */
export type FeedbackWish = 'careful' | 'bold' | 'unclear'

/** "Too bold" asks for care, "less careful" for more. */
const tooBold = /\b(?:too|less|not|not so|don't be so) (?:aggressive(?:ly)?|bold|risky|much risk)\b/g
const tooCareful = /\b(?:too|less|not|not so|don't be so) (?:careful|cautious|conservative(?:ly)?|safe|passive|timid)\b/g
const careful =
  /\b(?:CARE|safer|safe|careful(?:ly)?|cautious(?:ly)?|conservative(?:ly)?|less risk|lower risk|reduce risk|smaller (?:positions|sizes|orders))\b/
const bold =
  /\b(?:MORE|bolder|bold|aggressive(?:ly)?|more risk|larger (?:positions|sizes|orders)|trade more(?! (?:careful|cautious|conservative|safe))|more trades)\b/

/**
 * Rules, no model: a wish to weigh is all that words from outside can be. A message that asks for both, or for neither, is unclear.
 */
export function feedbackWish(message: string): FeedbackWish {
  const text = message.toLowerCase().replace(tooBold, ' CARE ').replace(tooCareful, ' MORE ')
  const [wantsCare, wantsMore] = [careful.test(text), bold.test(text)]
  if (wantsCare === wantsMore) return 'unclear'
  return wantsCare ? 'careful' : 'bold'
}
