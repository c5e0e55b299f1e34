import * as z from 'zod';

import { MAX_IMAGE_SIDE, MAX_NAME_LENGTH } from './service-definition-content';

const name = z.string().min(1).max(MAX_NAME_LENGTH);
// Paths in the zip are relative, with forward slashes. The zip reader checks the other restrictions.
const entryName = z.string().min(1).max(256);
const tensorName = z.string().min(1).max(512);
const pixels = z.number().int().min(1).max(MAX_IMAGE_SIDE);
// Larger than any layer's features: a flattened 512 x 512 x 64 has this many.
const features = z
  .number()
  .int()
  .min(1)
  .max(2 ** 24);

const perChannel = (number: z.ZodNumber) => z.array(number).min(1).max(3);

/** How a scoring server decodes and scales the images of a request. */
export const imageStageSchema = z
  .strictObject({
    type: z.literal('image'),
    name,
    /** Pixels of the shorter side after resizing, or of both sides if the aspect ratio is not preserved. */
    resize: pixels,
    /** Whether the image keeps its proportions; true if omitted. */
    preserve_aspect_ratio: z.boolean().optional(),
    /** Pixels per side of the central square to which the resized image is cropped. */
    crop: pixels,
    /** 3 for RGB, 1 for grayscale. */
    channels: z.union([z.literal(1), z.literal(3)]),
    /** How pixels are interpolated. `bilinear` shrinks without antialiasing, like TensorFlow's default. */
    method: z.enum(['bilinear', 'bilinear-tf1', 'nearest', 'cubic', 'lanczos3']),
    /** How JPEGs are decoded: at full size, or at a scale that suffices for `resize`; by default, as the method requires. */
    decode: z.enum(['exact', 'scaled']).optional(),
    /** Subtracted from each channel (0 to 255): one number per channel, or one for all channels. */
    mean: perChannel(z.number()),
    /** Divides each channel after the mean is subtracted: one number per channel, or one for all; 1 by default. */
    std: perChannel(z.number().positive()).optional(),
    /** Multiplies each channel after the mean is subtracted. */
    scale: z.number(),
    /** Order of the channels in the output; RGB if omitted. */
    order: z.enum(['RGB', 'BGR']).optional(),
    /** Order of the output's dimensions; NHWC if omitted. */
    layout: z.enum(['NHWC', 'NCHW']).optional(),
  })
  .refine(({ crop, resize }) => crop <= resize, {
    path: ['crop'],
    error: 'expected at most the value of resize',
  })
  .refine(({ mean, channels }) => mean.length === 1 || mean.length === channels, {
    path: ['mean'],
    error: 'expected one number per channel, or a single one',
  })
  .refine(({ std = [1], channels }) => std.length === 1 || std.length === channels, {
    path: ['std'],
    error: 'expected one number per channel, or a single one',
  });

/** A model file. That of the last stage may have several outputs. */
const modelFile = {
  model_path: entryName,
  input_tensor: tensorName,
  output_tensor: tensorName.optional(),
  /** Output tensors by the names that clients see, in place of `output_tensor`. */
  output_tensors: z.record(name, tensorName).optional(),
};

const modelStage = { name, ...modelFile };

const hasOneOutputField = {
  check: (stage: {
    output_tensor?: string | undefined;
    output_tensors?: Record<string, string> | undefined;
  }) =>
    (stage.output_tensor === undefined) !== (stage.output_tensors === undefined) &&
    Object.keys(stage.output_tensors ?? [0]).length > 0,
  problem: {
    path: ['output_tensor'],
    error: 'expected output_tensor, or output_tensors with at least one output',
  },
};

export const tensorflowStageSchema = z
  .strictObject({ type: z.literal('tensorflow'), ...modelStage })
  .refine(hasOneOutputField.check, hasOneOutputField.problem);
export const kerasStageSchema = z
  .strictObject({ type: z.literal('keras'), ...modelStage })
  .refine(hasOneOutputField.check, hasOneOutputField.problem);
export const onnxStageSchema = z
  .strictObject({ type: z.literal('onnx'), ...modelStage })
  .refine(hasOneOutputField.check, hasOneOutputField.problem);

const tensorDims = z.array(features).min(2).max(8);

export const brainwaveStageSchema = z
  .strictObject({
    type: z.literal('brainwave'),
    name,
    /** Name of the accelerated model: a Project Brainwave model or a custom model on the accelerator. */
    model_ref: name,
    model_version: name,
    /** Shape of the features, with the batch as the first dimension: `[1, 1, 1, 2048]`. */
    output_tensor_dims: tensorDims.optional(),
    /** Shapes of several outputs by the names that clients see, in place of `output_tensor_dims`. */
    output_tensors_dims: z.record(name, tensorDims).optional(),
    /** Model file that computes the same features on the CPU. */
    software: z
      .strictObject({ type: z.enum(['onnx', 'tensorflow']), ...modelFile })
      .refine(hasOneOutputField.check, hasOneOutputField.problem)
      .optional(),
  })
  .refine(
    ({ output_tensor_dims: one, output_tensors_dims: several }) =>
      (one === undefined) !== (several === undefined) && Object.keys(several ?? [0]).length > 0,
    {
      path: ['output_tensor_dims'],
      error: 'expected output_tensor_dims, or output_tensors_dims with at least one output',
    },
  )
  .refine(
    ({ output_tensors_dims: several, software }) =>
      software === undefined || sameKeys(several, software.output_tensors),
    {
      path: ['software', 'output_tensors'],
      error: 'expected the outputs of output_tensors_dims',
    },
  );

function sameKeys(
  one: Readonly<Record<string, unknown>> | undefined,
  other: Readonly<Record<string, unknown>> | undefined,
): boolean {
  const sorted = (value: typeof one) => value && Object.keys(value).sort().join('\n');
  return sorted(one) === sorted(other);
}

/** Turns logits into probabilities. */
export const softmaxStageSchema = z.strictObject({ type: z.literal('softmax'), name });

export const stageSchema = z.discriminatedUnion('type', [
  imageStageSchema,
  tensorflowStageSchema,
  kerasStageSchema,
  onnxStageSchema,
  brainwaveStageSchema,
  softmaxStageSchema,
]);

/** `service_def.json`: the stages that a scoring server runs, in order. */
export const serviceDefinitionSchema = z.strictObject({
  aml_runtime_version: z.string().min(1),
  pipeline: z.array(stageSchema).min(1).max(32),
});

export type ImageStageJson = z.infer<typeof imageStageSchema>;
export type TensorflowStageJson = z.infer<typeof tensorflowStageSchema>;
export type KerasStageJson = z.infer<typeof kerasStageSchema>;
export type OnnxStageJson = z.infer<typeof onnxStageSchema>;
export type BrainwaveStageJson = z.infer<typeof brainwaveStageSchema>;
export type SoftmaxStageJson = z.infer<typeof softmaxStageSchema>;
export type StageJson = z.infer<typeof stageSchema>;
export type ServiceDefinitionJson = z.infer<typeof serviceDefinitionSchema>;
