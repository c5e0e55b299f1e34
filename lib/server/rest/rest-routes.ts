import { GrpcStatus as status } from '../../wire/grpc-status';
import type { HealthHandlers } from '../health-service';
import type { ModelServiceHandlers } from '../model-service';
import type { PredictionServiceHandlers } from '../prediction-service';
import type { ServedModel } from '../served-model';
import { HttpError } from '../transport/http-error';
import type { HttpRoute, HttpRouter } from '../transport/http-call';

/** The gRPC services to which REST requests are converted, so that both protocols behave the same. */
export interface RestServices {
  readonly prediction: PredictionServiceHandlers;
  readonly modelStatus: ModelServiceHandlers;
  readonly health: HealthHandlers;
  /** Returns the current model; throws UNAVAILABLE if none is loaded. */
  readonly model: () => ServedModel;
}

/** gRPC methods to which requests correspond. */
export const METHODS = {
  predict: '/tensorflow.serving.PredictionService/Predict',
  classify: '/tensorflow.serving.PredictionService/Classify',
  metadata: '/tensorflow.serving.PredictionService/GetModelMetadata',
  status: '/tensorflow.serving.ModelService/GetModelStatus',
  health: '/grpc.health.v1.Health/Check',
} as const;

/** Requests with a method and a path. */
export interface RestRoute {
  readonly verb: 'GET' | 'POST';
  /** Matches the whole path. Its groups are passed to `route`, decoded. */
  readonly path: RegExp;
  readonly route: (groups: Readonly<Record<string, string | undefined>>) => HttpRoute;
}

/** Chooses the route of a request among the routes of all APIs. */
export function restRouter(routes: readonly RestRoute[]): HttpRouter {
  return (verb, path) => {
    const matching = routes.filter((route) => route.path.test(path));
    const found = matching.find((route) => route.verb === verb);
    if (found) {
      return found.route(decoded(found.path.exec(path)?.groups ?? {}));
    }
    if (matching.length > 0) {
      const allowed = matching.map((route) => route.verb).join(', ');
      throw new HttpError(405, status.UNIMPLEMENTED, `${verb} is not allowed here; expected ${allowed}`, {
        allow: allowed,
      });
    }
    throw new HttpError(
      404,
      status.UNIMPLEMENTED,
      'the path is unknown; POST an image to /score, or use /v1/models/<name>:predict, /v2/models/<name>/infer or gRPC',
    );
  };
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
