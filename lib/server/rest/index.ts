import type { HttpRouter } from '../transport/http-call';
import { pathRouter } from '../transport/path-router';
import { imageRoutes } from './image-rest';
import { kserveV2Routes } from './kserve-v2-rest';
import type { RestServices } from './rest-routes';
import { tensorflowServingRoutes } from './tensorflow-serving-rest';

/** Serves images as they are, TensorFlow Serving's REST API and the Open Inference Protocol. */
export function createRestRouter(services: RestServices): HttpRouter {
  return pathRouter(
    [...imageRoutes(services), ...tensorflowServingRoutes(services), ...kserveV2Routes(services)],
    'POST an image to /score, or use /v1/models/<name>:predict, /v2/models/<name>/infer or gRPC',
  );
}
