/** Terms of the softmax of a row of logits: the probability of one is `exp(logit - largest) / sum`. */
export interface SoftmaxTerms {
  readonly largest: number;
  readonly sum: number;
}

/** Computes the terms of a softmax. The largest logit is subtracted, because `exp` of a logit of 100 would overflow. */
export function softmaxTerms(logits: Float32Array): SoftmaxTerms {
  let largest = -Infinity;
  for (const logit of logits) {
    largest = Math.max(largest, logit);
  }
  let sum = 0;
  for (const logit of logits) {
    sum += Math.exp(logit - largest);
  }
  return { largest, sum };
}
