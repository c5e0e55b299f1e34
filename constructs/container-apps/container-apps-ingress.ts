/** Options of HTTP/2 ingress. */
export interface Http2IngressProps {
  /**
   * Whether only apps in the same environment can call.
   * @default false
   */
  readonly limitToEnvironment?: boolean | undefined;
  /**
   * Client address ranges that can call, as IPv4 CIDRs.
   * @default - any address
   */
  readonly allowedSourceRanges?: string[] | undefined;
}

/** Options of TCP ingress. */
export interface TcpIngressProps extends Http2IngressProps {
  /**
   * Port that clients connect to. Not 80 or 443, which Azure reserves for HTTP.
   * @default 8443
   */
  readonly port?: number | undefined;
}

/** How calls reach the replicas of an app. */
export class ContainerAppsIngress {
  /**
   * Envoy terminates TLS on port 443 and passes calls on over HTTP/2 without TLS, inside Azure. It balances calls, not connections,
   * and it starts a replica for a call that finds none. The server checks keys and trusts Envoy (`tlsTerminatedByProxy`).
   */
  static http2(props: Http2IngressProps = {}): ContainerAppsIngress {
    return new ContainerAppsIngress('http2', props);
  }

  /**
   * Envoy passes connections on, and the server terminates TLS with your certificate. From outside of the environment, Azure requires
   * a virtual network.
   * @see https://learn.microsoft.com/azure/container-apps/ingress-overview#tcp
   */
  static tcp(props: TcpIngressProps = {}): ContainerAppsIngress {
    return new ContainerAppsIngress('tcp', props);
  }

  private constructor(
    /** `http2` or `tcp`. */
    readonly transport: string,
    /** @internal */
    readonly _props: TcpIngressProps,
  ) {}
}
