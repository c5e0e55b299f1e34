import { ServiceDefinitionError } from './service-definition-content';

/** Input and output shapes of an accelerated model. */
export interface BrainwaveModelShape {
  /**
   * Height, width and number of channels of the input images.
   * @default - not checked
   */
  readonly inputSize?: number[] | undefined;
  /**
   * Shape of the features for one image, batch first: `[1, 1, 1, 2048]`.
   * @default - set by the stage
   */
  readonly outputTensorDims?: number[] | undefined;
  /**
   * Shapes of several outputs for one image, by the names that clients see: `{ boxes: [1, 100, 4], scores: [1, 100] }`.
   * Replaces `outputTensorDims`.
   * @default - one output
   */
  readonly outputTensorsDims?: Record<string, number[]> | undefined;
}

/** Classes of SSD-VGG: those of Pascal VOC, and the background. */
const SSD_CLASSES = 21;

/** Detection layers of SSD-VGG: the cells per side of their feature map, and the boxes of a cell. */
const SSD_LAYERS = [
  { name: 'block4_box', grid: 37, boxes: 4 },
  { name: 'block7_box', grid: 19, boxes: 6 },
  { name: 'block8_box', grid: 10, boxes: 6 },
  { name: 'block9_box', grid: 5, boxes: 6 },
  { name: 'block10_box', grid: 3, boxes: 4 },
  { name: 'block11_box', grid: 1, boxes: 4 },
];

/** Named as in `azureml-accel-models`, whose clients ask for outputs by these names. */
function ssdOutputs(): Record<string, number[]> {
  return Object.fromEntries(
    SSD_LAYERS.flatMap(({ name, grid, boxes }) => [
      [`ssd_300_vgg/${name}/Reshape_1:0`, [1, grid, grid, boxes, SSD_CLASSES]],
      [`ssd_300_vgg/${name}/Reshape:0`, [1, grid, grid, boxes, 4]],
    ]),
  );
}

/**
 * An accelerated model, identified by its name on the accelerator (`model_ref`).
 *
 * The predefined names are those of Project Brainwave. Use `custom` for your own model.
 */
export class BrainwaveModel {
  /** ResNet-50 on 224 x 224 images, 2,048 features. */
  static readonly RESNET50 = new BrainwaveModel('resnet50', {
    inputSize: [224, 224, 3],
    outputTensorDims: [1, 1, 1, 2048],
  });
  /** ResNet-152 on 224 x 224 images, 2,048 features. */
  static readonly RESNET152 = new BrainwaveModel('resnet152', {
    inputSize: [224, 224, 3],
    outputTensorDims: [1, 1, 1, 2048],
  });
  /** DenseNet-121 on 224 x 224 images, 1,024 features. */
  static readonly DENSENET121 = new BrainwaveModel('densenet121', {
    inputSize: [224, 224, 3],
    outputTensorDims: [1, 1, 1, 1024],
  });
  /** VGG-16 on 224 x 224 images, 4,096 features from its second fully connected layer. */
  static readonly VGG16 = new BrainwaveModel('vgg16', {
    inputSize: [224, 224, 3],
    outputTensorDims: [1, 1, 1, 4096],
  });
  /**
   * SSD-VGG on 300 x 300 images, trained on Pascal VOC: twelve outputs with the names that `azureml-accel-models` gives them,
   * which `ssdDetections` of the client turns into boxes. For other classes, set `outputTensorsDims` of the stage.
   */
  static readonly SSDVGG = new BrainwaveModel('ssd_vgg', {
    inputSize: [300, 300, 3],
    outputTensorsDims: ssdOutputs(),
  });

  private static readonly known = [
    BrainwaveModel.RESNET50,
    BrainwaveModel.RESNET152,
    BrainwaveModel.DENSENET121,
    BrainwaveModel.VGG16,
    BrainwaveModel.SSDVGG,
  ];

  /**
   * Returns a Project Brainwave model by name, for stacks that read the name from their configuration.
   * @throws ServiceDefinitionError if no model has the name
   */
  static of(modelRef: string): BrainwaveModel {
    const found = BrainwaveModel.known.find((model) => model.modelRef === modelRef);
    if (!found) {
      const names = BrainwaveModel.known.map((model) => model.modelRef).join(', ');
      throw new ServiceDefinitionError(
        `unknown model_ref "${modelRef}"; expected one of ${names}; ` +
          `for a custom model, use BrainwaveModel.custom("${modelRef}", …)`,
      );
    }
    return found;
  }

  /**
   * Declares a custom model.
   * @param modelRef name of the model on the accelerator server
   */
  static custom(modelRef: string, shape: BrainwaveModelShape): BrainwaveModel {
    if (modelRef === '') {
      throw new ServiceDefinitionError(
        'model_ref is empty; set it to the name of the model on the accelerator',
      );
    }
    return new BrainwaveModel(modelRef, shape);
  }

  private constructor(
    readonly modelRef: string,
    readonly shape: BrainwaveModelShape,
  ) {}
}
