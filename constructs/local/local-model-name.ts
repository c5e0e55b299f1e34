import { Construct } from 'constructs';

/**
 * A model's name in a registry of this machine. A model is removed with all its versions: two constructs of
 * one name, in whatever stacks of the app, would take each other's away.
 * @internal
 */
export class LocalModelName extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly registry: string,
    private readonly modelName: string,
  ) {
    super(scope, id);
    this.node.addValidation({ validate: () => this.conflicts() });
  }

  private conflicts(): string[] {
    return this.node.root.node
      .findAll()
      .filter(
        (other): other is LocalModelName =>
          other instanceof LocalModelName &&
          other !== this &&
          other.registry === this.registry &&
          other.modelName === this.modelName,
      )
      .map(
        (other) =>
          `${this.modelPath}: the model "${this.modelName}" is also registered in ${this.registry} by ${other.modelPath}, ` +
          'and destroying one would remove the other; give one another name, or its LocalWorkspace a directory of its own',
      );
  }

  private get modelPath(): string {
    return this.node.scope?.node.path ?? this.node.path;
  }
}
