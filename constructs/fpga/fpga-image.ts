import type { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { ConstructError, requireKnownProps } from '../validation/construct-error';

/** An image of the Marketplace. */
export interface MarketplaceImageProps {
  readonly publisher: string;
  readonly offer: string;
  /** Also the image's SKU. */
  readonly plan: string;
  /** @default 'latest', at the time when a machine is made */
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

/** The plan of an image of the Marketplace, whose terms have to be accepted. */
export interface ImagePlanProps {
  readonly publisher: string;
  readonly offer: string;
  readonly plan: string;
}

const IMAGE_PLAN_PROPS: KnownKeys<ImagePlanProps> = { publisher: true, offer: true, plan: true };

/** What is done about the legal terms of a Marketplace image. */
export enum MarketplaceTerms {
  /**
   * The stack accepts them, and takes that back when it is destroyed. Azure has one acceptance for a subscription: the
   * services of a stack share it, and a second stack uses `ACCEPTED_ALREADY`.
   */
  ACCEPT = 'accept',
  /** They are accepted in this subscription already: `az vm image terms accept`. */
  ACCEPTED_ALREADY = 'accepted-already',
}

/** The image that a machine starts from. */
export interface FpgaImageReference {
  /**
   * Its ARM id.
   * @default - the image is the Marketplace's
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
 * What an FPGA machine starts from: Ubuntu with Xilinx's runtime (XRT), which runs on 18.04 and 20.04. The NP series
 * takes images of generation 1 only.
 */
export abstract class FpgaImage {
  /**
   * Xilinx's Vitis 2022.1 on Ubuntu 20.04. The terms are Xilinx's.
   * @param terms MarketplaceTerms.ACCEPT unless given
   */
  static vitis(terms?: MarketplaceTerms): FpgaImage {
    return FpgaImage.marketplace({
      publisher: 'xilinx',
      offer: 'vitis2022_1_ubuntu2004_development_image',
      plan: 'vitis2022_1_ubuntu2004',
      ...(terms && { terms }),
    });
  }

  /** Another image of the Marketplace. */
  static marketplace(props: MarketplaceImageProps): FpgaImage {
    return new MarketplaceImage(props);
  }

  /**
   * An image of yours: a generation 1 image, or an image definition of a gallery (then the newest version of it).
   * @param imageId its ARM id
   * @param plan where it was made from an image of the Marketplace: that one's plan, whose terms are accepted already
   */
  static fromImageId(imageId: string, plan?: ImagePlanProps): FpgaImage {
    return new OwnImage(imageId, plan);
  }

  /**
   * What a machine starts from.
   * @throws ConstructError where it cannot be an image
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
        `the machine image's ${empty[0]} is empty; expected what \`az vm image list --all --publisher …\` shows`,
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
    return { imageId: this.imageId, ...(this.plan && { plan: this.plan }), acceptsTerms: false };
  }
}
