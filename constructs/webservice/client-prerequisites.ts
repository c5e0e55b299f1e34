import type { ITerraformDependable } from 'cdktf';

/** What must exist before clients reach a service; it grows while the stack is declared. @internal */
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
