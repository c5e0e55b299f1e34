import { Construct } from 'constructs';

import { nameFromPath } from '../azure/derived-name';
import { TerraformData } from '../terraform/terraform-data';
import type {
  IWorkspace,
  ModelRegistration,
  RegisteredModelLocation,
} from '../workspace/workspace-reference';

/** A workspace that records the models registered in it, for tests of stacks that register models. */
export class FakeWorkspace extends Construct implements IWorkspace {
  readonly workspaceName = nameFromPath(this);
  /** Registered models, in the order of declaration. */
  readonly registrations: ModelRegistration[] = [];

  registerModel(scope: Construct, registration: ModelRegistration): RegisteredModelLocation {
    this.registrations.push(registration);
    const { name, version, sha256 } = registration;
    const resource = new TerraformData(scope, 'Fake', { triggersReplace: { name, version, sha256 } });
    return { dependable: resource, revision: resource.id };
  }
}
