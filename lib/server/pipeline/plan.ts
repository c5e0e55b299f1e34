import { hasSeveralOutputs } from '../../service-definition/service-definition-content';
import type {
  BrainwaveStageJson,
  ImageStageJson,
  ServiceDefinitionJson,
  SoftmaxStageJson,
  StageJson,
} from '../../service-definition/service-definition-json';
import type { EngineStage } from './engine/engine';
import { ModelLoadError, StageNotSupportedError } from './pipeline-errors';
import { stageLabel } from './stage-run';

/** Execution plan for the stages of a definition. */
export interface PipelinePlan {
  readonly steps: readonly StepPlan[];
}

/** Consecutive stages that run together. */
export type StepPlan =
  | {
      readonly runsIn: 'workers';
      /** Decodes images before the first stage. Only the first step can have it. */
      readonly image?: ImageStageJson | undefined;
      readonly stages: readonly EngineStage[];
    }
  | { readonly runsIn: 'accelerator'; readonly stage: BrainwaveStageJson; readonly label: string }
  /** A computation too small for another thread. */
  | { readonly runsIn: 'server'; readonly stage: SoftmaxStageJson; readonly label: string };

/**
 * Decides where each stage runs.
 * @param hasAccelerator whether a server that runs `brainwave` stages is configured
 * @throws StageNotSupportedError if a stage cannot run here
 * @throws ModelLoadError if the order of the stages is invalid
 */
export function planPipeline(definition: ServiceDefinitionJson, hasAccelerator: boolean): PipelinePlan {
  const [first, ...rest] = definition.pipeline;
  const models = first.type === 'image' ? rest : definition.pipeline;
  for (const stage of models.slice(0, -1)) {
    if (hasSeveralOutputs(stage)) {
      const property = stage.type === 'brainwave' ? 'outputTensorsDims' : 'outputTensors';
      throw new ModelLoadError(
        stage.name,
        `it has several outputs, but only the last stage can have ${property}; set ${property.replace('Tensors', 'Tensor')} instead`,
      );
    }
  }
  const images = first.type === 'image' ? [planImage(first)] : [];
  const plans = models.map((stage, index) =>
    planStage(stage, stageLabel(stage.type, images.length + index), hasAccelerator),
  );
  return { steps: group([...images, ...plans]) };
}

function planImage(image: ImageStageJson): StepPlan {
  if (image.crop > image.resize) {
    throw new ModelLoadError(
      image.name,
      `crop is ${image.crop}, expected at most resize (${image.resize}); lower crop or raise resize`,
    );
  }
  for (const [what, numbers] of Object.entries({ mean: image.mean, std: image.std ?? [1] })) {
    if (numbers.length !== 1 && numbers.length !== image.channels) {
      throw new ModelLoadError(
        image.name,
        `${what} has ${numbers.length} numbers for ${image.channels} channels; set one per channel, or a single one`,
      );
    }
  }
  return { runsIn: 'workers', image, stages: [] };
}

function planStage(stage: StageJson, label: string, hasAccelerator: boolean): StepPlan {
  switch (stage.type) {
    case 'image':
      throw new ModelLoadError(
        stage.name,
        'an image stage decodes the request; move it to the start of the pipeline',
      );
    case 'brainwave':
      return hasAccelerator ? { runsIn: 'accelerator', stage, label } : planSoftware(stage, label);
    case 'softmax':
      return { runsIn: 'server', stage, label };
    case 'onnx':
    case 'tensorflow':
    case 'keras': {
      const { output_tensor: output = '', output_tensors: outputs } = stage;
      return inWorkers({
        engine: stage.type,
        label,
        stage: stage.name,
        path: stage.model_path,
        input: stage.input_tensor,
        output,
        outputs,
      });
    }
  }
}

/** Without an accelerator, `software` computes the features. */
function planSoftware(stage: BrainwaveStageJson, label: string): StepPlan {
  const { software } = stage;
  if (software === undefined) {
    throw new StageNotSupportedError(
      stage.name,
      `'${stage.model_ref}' runs on an accelerator, but none is configured; configure an accelerator server, or set ` +
        'software of Stage.brainwave (of ServiceDefinition.fromZip for a zip without weights) to an ONNX file or a ' +
        'frozen GraphDef that computes the same features',
    );
  }
  return inWorkers({
    engine: software.type,
    label,
    stage: stage.name,
    path: software.model_path,
    input: software.input_tensor,
    output: software.output_tensor ?? '',
    outputs: software.output_tensors,
    expectedOutput: stage.output_tensor_dims,
    expectedOutputs: stage.output_tensors_dims,
  });
}

function inWorkers(stage: EngineStage): StepPlan {
  return { runsIn: 'workers', stages: [stage] };
}

/** Merges consecutive stages that run in workers, so that a request enters a worker once. */
function group(plans: readonly StepPlan[]): readonly StepPlan[] {
  const steps: StepPlan[] = [];
  for (const plan of plans) {
    const last = steps.at(-1);
    if (last?.runsIn === 'workers' && plan.runsIn === 'workers') {
      steps[steps.length - 1] = { ...last, stages: [...last.stages, ...plan.stages] };
    } else {
      steps.push(plan);
    }
  }
  return steps;
}
