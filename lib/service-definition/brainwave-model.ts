import { ServiceDefinitionError } from './service-definition-content';

/** Input and output shapes of an accelerated model. */
export interface BrainwaveModelShape {
  /**
   * Height, width and number of channels of the input images.
   * @default - not checked
   */
  readonly inputSize?: number[] | undefined;
  /** Shape of the features for one image, batch first: `[1, 1, 1, 2048]`. */
  readonly outputTensorDims: number[];
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
   * SSD-VGG on 300 x 300 images. The number of boxes and classes depends on the training: set `outputTensorDims` of the
   * stage.
   */
  static readonly SSDVGG = new BrainwaveModel('ssd_vgg', { inputSize: [300, 300, 3], outputTensorDims: [] });

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
