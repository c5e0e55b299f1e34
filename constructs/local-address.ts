import { Token } from 'cdktf';
import { Construct } from 'constructs';

interface LocalAddressProps {
  readonly serviceName: string;
  readonly address: string;
  readonly port: number;
}

/**
 * The name and the port that a service has on this machine. They are taken machine-wide: the services of all
 * stacks of the app are held against each other.
 * @internal
 */
export class LocalAddress extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: LocalAddressProps,
  ) {
    super(scope, id);
    this.node.addValidation({ validate: () => this.conflicts() });
  }

  private conflicts(): string[] {
    const others = this.node.root.node
      .findAll()
      .filter((construct): construct is LocalAddress => construct instanceof LocalAddress && construct !== this);
    const { serviceName, port } = this.props;
    const here = this.servicePath;
    return others.flatMap((other) => {
      const problems: string[] = [];
      if (!Token.isUnresolved(port) && other.props.port === port) {
        problems.push(
          `${here}: port ${port} of this machine is also the port of ${other.servicePath}; ` +
            'give one of them another: new LocalCompute({ port: … })',
        );
      }
      if (!Token.isUnresolved(serviceName) && other.props.serviceName === serviceName) {
        problems.push(
          `${here}: the service name "${serviceName}" is also the name of ${other.servicePath}; give one of them another`,
        );
      }
      return problems;
    });
  }

  private get servicePath(): string {
    return this.node.scope?.node.path ?? this.node.path;
  }
}
