import type { ITerraformDependable } from 'cdktf';

/** Resources that must exist before clients can reach a service. More can be added until synth. @internal */
export class ClientPrerequisites {
  private readonly prerequisites: ITerraformDependable[] = [];

  get all(): ITerraformDependable[] {
    return [...this.prerequisites];
  }

  add(prerequisite: ITerraformDependable): void {
    if (!this.prerequisites.includes(prerequisite)) {
      this.prerequisites.push(prerequisite);
    }
  }
}
