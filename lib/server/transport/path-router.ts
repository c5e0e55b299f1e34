import { GrpcStatus as status } from '../../errors/grpc-status';

import type { HttpRoute, HttpRouter } from './http-call';
import { HttpError } from './http-error';

/** Requests with a method and a path. */
export interface PathRoute {
  readonly verb: 'GET' | 'POST';
  /** Matches the whole path. Its groups are passed to `route`, decoded. */
  readonly path: RegExp;
  readonly route: (groups: Readonly<Record<string, string | undefined>>) => HttpRoute;
}

/**
 * Chooses the route of a request by its method and path.
 * @param hint what to request instead of an unknown path
 */
export function pathRouter(routes: readonly PathRoute[], hint: string): HttpRouter {
  return (verb, path) => {
    const matching = routes.filter((route) => route.path.test(path));
    const found = matching.find((route) => route.verb === verb);
    if (found) {
      return found.route(decoded(found.path.exec(path)?.groups ?? {}));
    }
    if (matching.length > 0) {
      const verbs = matching.map((route) => route.verb);
      throw new HttpError(
        405,
        status.UNIMPLEMENTED,
        `${verb} is not allowed here; expected ${verbs.join(' or ')}`,
        { allow: allowHeader(verbs) },
      );
    }
    throw new HttpError(404, status.UNIMPLEMENTED, `the path is unknown; ${hint}`);
  };
}

/** Returns the value of the `allow` header. A path with GET also has HEAD. */
export function allowHeader(verbs: readonly string[]): string {
  return verbs.map((verb) => (verb === 'GET' ? 'GET, HEAD' : verb)).join(', ');
}

function decoded(groups: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  try {
    return Object.fromEntries(
      Object.entries(groups).map(([name, value]) => [name, value && decodeURIComponent(value)]),
    );
  } catch {
    throw new HttpError(
      400,
      status.INVALID_ARGUMENT,
      'the path is not valid percent-encoding; encode it as UTF-8',
    );
  }
}
