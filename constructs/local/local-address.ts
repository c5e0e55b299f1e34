import { TerraformStack, Token } from 'cdktf';
import { Construct } from 'constructs';

interface LocalAddressProps {
  readonly serviceName: string;
  readonly address: string;
  readonly port: number;
}

/** Addresses on which a server listens on all addresses of the machine. */
const ANY_ADDRESS = ['0.0.0.0', '::'];

/**
 * Name and port of a workload on this machine. Both are unique on the machine, so the workloads of all stacks of the app
 * are compared.
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
    const all = this.node.root.node
      .findAll()
      .filter((construct): construct is LocalAddress => construct instanceof LocalAddress);
    // A pair in one stack is reported once. Stacks are validated separately, so each of two stacks reports it.
    const others = all.filter(
      (other, index) =>
        other !== this && (index < all.indexOf(this) || TerraformStack.of(other) !== TerraformStack.of(this)),
    );
    const { serviceName, port } = this.props;
    const here = this.servicePath;
    return others.flatMap((other) => {
      const problems: string[] = [];
      if (!Token.isUnresolved(port) && other.props.port === port && this.overlaps(other.props.address)) {
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

  /** Two loopback addresses can use the same port, unless one server listens on all addresses. */
  private overlaps(other: string): boolean {
    const { address } = this.props;
    if (Token.isUnresolved(address) || Token.isUnresolved(other)) {
      return false;
    }
    return address === other || [address, other].some((each) => ANY_ADDRESS.includes(each));
  }

  private get servicePath(): string {
    return this.node.scope?.node.path ?? this.node.path;
  }
}
