import { BrainwaveError } from '../../errors/brainwave-error';

/** A request came after `Pipeline.close`, or was still queued when the pipeline closed. */
export class PipelineClosedError extends BrainwaveError {
  readonly code = 'PIPELINE_CLOSED';

  constructor() {
    super('the pipeline is closed; load it again to score');
  }
}
