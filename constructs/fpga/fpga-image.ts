import type { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { ConstructError, requireKnownProps } from '../validation/construct-error';

/** Image from Azure Marketplace. */
export interface MarketplaceImageProps {
  readonly publisher: string;
  readonly offer: string;
  /** Plan, which is also the SKU of the image. */
  readonly plan: string;
  /** @default - 'latest', resolved when a machine is created */
  readonly version?: string | undefined;
  /** @default MarketplaceTerms.ACCEPT */
  readonly terms?: MarketplaceTerms | undefined;
}

const MARKETPLACE_IMAGE_PROPS: KnownKeys<MarketplaceImageProps> = {
  publisher: true,
  offer: true,
  plan: true,
  version: true,
  terms: true,
};

/** Marketplace plan of an image. Its terms must be accepted. */
export interface ImagePlanProps {
  readonly publisher: string;
  readonly offer: string;
  readonly plan: string;
}

const IMAGE_PLAN_PROPS: KnownKeys<ImagePlanProps> = { publisher: true, offer: true, plan: true };

/** How the legal terms of a Marketplace image are accepted. */
export enum MarketplaceTerms {
  /**
   * The stack accepts the terms, and revokes the acceptance when it is destroyed. Azure has one acceptance per
   * subscription: the services of a stack share it, and a second stack must use `ACCEPTED_ALREADY`.
   */
  ACCEPT = 'accept',
  /** The terms are already accepted in this subscription: `az vm image terms accept`. */
  ACCEPTED_ALREADY = 'accepted-already',
}

/** Reference to the operating system image of a machine. */
export interface FpgaImageReference {
  /**
   * ARM id of the image.
   * @default - the image is from Azure Marketplace
   */
  readonly imageId?: string | undefined;
  /** @default 'latest' */
  readonly version?: string | undefined;
  /** @default - the image has no plan */
  readonly plan?: ImagePlanProps | undefined;
  /** Whether the stack accepts the plan's terms. */
  readonly acceptsTerms: boolean;
}

/**
 * Operating system image of an FPGA machine: Ubuntu 18.04 or 20.04 with the Xilinx runtime (XRT). The NP series supports
 * only generation 1 images.
 */
export abstract class FpgaImage {
  /**
   * Xilinx Vitis 2022.1 on Ubuntu 20.04, under the terms of Xilinx.
   * @param terms Default: `MarketplaceTerms.ACCEPT`.
   */
  static vitis(terms?: MarketplaceTerms): FpgaImage {
    return FpgaImage.marketplace({
      publisher: 'xilinx',
      offer: 'vitis2022_1_ubuntu2004_development_image',
      plan: 'vitis2022_1_ubuntu2004',
      terms,
    });
  }

  /** Another Azure Marketplace image. */
  static marketplace(props: MarketplaceImageProps): FpgaImage {
    return new MarketplaceImage(props);
  }

  /**
   * Custom image: a generation 1 managed image, or an image definition in a gallery, which resolves to its latest version.
   * @param imageId ARM id of the image.
   * @param plan Plan of the Marketplace image from which it was created, if any. Its terms must already be accepted.
   */
  static fromImageId(imageId: string, plan?: ImagePlanProps): FpgaImage {
    return new OwnImage(imageId, plan);
  }

  /**
   * Returns the image reference.
   * @throws ConstructError if the props are invalid
   */
  abstract bind(scope: Construct): FpgaImageReference;
}

class MarketplaceImage extends FpgaImage {
  constructor(private readonly props: MarketplaceImageProps) {
    super();
  }

  bind(scope: Construct): FpgaImageReference {
    requireKnownProps(scope, this.props, MARKETPLACE_IMAGE_PROPS);
    const { publisher, offer, plan, version = 'latest', terms = MarketplaceTerms.ACCEPT } = this.props;
    const empty = Object.entries({ publisher, offer, plan, version }).find(([, value]) => value === '');
    if (empty) {
      throw new ConstructError(
        scope,
        `the machine image's ${empty[0]} is empty; set the value that \`az vm image list --all --publisher …\` prints`,
      );
    }
    return {
      version,
      plan: { publisher, offer, plan },
      acceptsTerms: terms === MarketplaceTerms.ACCEPT,
    };
  }
}

class OwnImage extends FpgaImage {
  constructor(
    private readonly imageId: string,
    private readonly plan: ImagePlanProps | undefined,
  ) {
    super();
  }

  bind(scope: Construct): FpgaImageReference {
    requireKnownProps(scope, this.plan ?? {}, IMAGE_PLAN_PROPS);
    return { imageId: this.imageId, plan: this.plan, acceptsTerms: false };
  }
}
