import type { HttpRouter } from '../transport/http-call';
import { imageRoutes } from './image-rest';
import { kserveV2Routes } from './kserve-v2-rest';
import { restRouter, type RestServices } from './rest-routes';
import { tensorflowServingRoutes } from './tensorflow-serving-rest';

export type { RestServices } from './rest-routes';

/** Serves images as they are, TensorFlow Serving's REST API and the Open Inference Protocol. */
export function createRestRouter(services: RestServices): HttpRouter {
  return restRouter([
    ...imageRoutes(services),
    ...tensorflowServingRoutes(services),
    ...kserveV2Routes(services),
  ]);
}
