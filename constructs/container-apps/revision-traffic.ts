import type { IConstruct } from 'constructs';

import { wholeNumber } from '../../lib/validation/number-range';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { requireKnownNumber, requirePattern } from '../validation/synth-value';

/** Share of the calls that a revision of an app gets. */
export interface RevisionShare {
  /**
   * Suffix of the revision's name, which `ContainerAppsService.of(service).revisionSuffix` is and `az containerapp revision list` shows.
   * @default - the revision that this stack deploys
   */
  readonly revisionSuffix?: string | undefined;
  /** Percentage of the calls. The percentages of all shares add up to 100; 0 keeps a revision running without calls. */
  readonly percent: number;
  /**
   * Label, which gives the revision an address of its own: `<app>---<label>.<domain>`.
   * @default - none
   */
  readonly label?: string | undefined;
}

/**
 * Which revisions of an app get the calls.
 *
 * @see https://learn.microsoft.com/azure/container-apps/traffic-splitting
 */
export class RevisionTraffic {
  /** The deployed revision gets all calls once it is ready; the previous one is stopped after that. */
  static latest(): RevisionTraffic {
    return new RevisionTraffic(undefined);
  }

  /**
   * Several revisions run, and you decide when which of them gets calls. For blue/green, keep 100 percent at the revision that serves,
   * and deploy the next one with 0 percent and a label; test it at the label's address, then exchange the percentages.
   */
  static split(shares: RevisionShare[]): RevisionTraffic {
    return new RevisionTraffic(shares);
  }

  private constructor(private readonly shares: RevisionShare[] | undefined) {}

  /**
   * Returns the shares; `undefined` if all calls go to the latest revision.
   * @throws ConstructError if a share is invalid
   * @internal
   */
  _bind(scope: IConstruct): readonly RevisionShare[] | undefined {
    const { shares } = this;
    if (!shares) {
      return undefined;
    }
    for (const [index, share] of shares.entries()) {
      requireKnownProps(scope, share, { revisionSuffix: true, percent: true, label: true });
      requireKnownNumber(scope, `shares[${index}].percent`, share.percent, wholeNumber(0, 100));
      requirePattern(
        scope,
        `shares[${index}].label`,
        share.label,
        /^(?!.*--)[a-z]([a-z0-9-]*[a-z0-9])?$/,
        'lowercase letters, digits and single "-", starting with a letter and ending with a letter or digit',
      );
    }
    const total = shares.reduce((sum, { percent }) => sum + percent, 0);
    if (total !== 100) {
      throw new ConstructError(scope, `the percentages of the revisions add up to ${total}; expected 100`);
    }
    if (shares.filter(({ revisionSuffix }) => revisionSuffix === undefined).length !== 1) {
      throw new ConstructError(
        scope,
        'exactly one share must be for the revision that this stack deploys; omit revisionSuffix of that share, and set it for the others',
      );
    }
    return shares;
  }
}
