/** A request that Azure refuses. */
export class AzureError extends Error {
  constructor(
    readonly status: number,
    /** Azure's own code, such as `ResourceNotFound`. */
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** A request that the simulator cannot answer: not Azure's refusal, but something to add here. */
export class NotSimulatedError extends Error {}
