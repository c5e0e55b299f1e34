import { GrpcStatus as status } from '../../errors/grpc-status';
import { IMAGE_FEATURE } from '../../wire/example';
import { jsonNumber } from '../../wire/json-tensor';
import { HttpError } from '../transport/http-error';
import type { PathRoute } from '../transport/path-router';
import { jsonAnswer, type HttpRequest } from '../transport/http-call';
import { invalid, modelSpec } from './rest-request';
import { METHODS, type RestServices } from './rest-routes';

const DEFAULT_TOP = 5;

/** Scores an image that is posted as it is, and answers with its most probable classes. */
export function imageRoutes({ prediction }: RestServices): PathRoute[] {
  return [
    {
      verb: 'POST',
      path: /^\/score$/,
      route: () => ({
        method: METHODS.classify,
        handle: async (request, call) => {
          requireImage(request);
          const top = readTop(request.query);
          const feature = { [IMAGE_FEATURE]: { bytesList: { value: [request.body] } } };
          const { result } = await prediction.Classify(
            {
              modelSpec: modelSpec({ name: '' }),
              input: { exampleList: { examples: [{ features: { feature } }] } },
            },
            call,
          );
          const classes = result?.classifications?.[0]?.classes ?? [];
          const predictions = classes
            .map(({ label, score = 0 }, index) => ({
              ...(label && { label }),
              class: index,
              probability: jsonNumber(score),
            }))
            .sort((left, right) => (right.probability ?? -1) - (left.probability ?? -1))
            .slice(0, top);
          return jsonAnswer({ predictions });
        },
      }),
    },
  ];
}

/** A form or JSON would fail to be decoded, with a message that does not say what to send instead. */
function requireImage({ headers }: HttpRequest): void {
  const type = headers['content-type']?.split(';')[0].trim().toLowerCase();
  if (type !== undefined && !type.startsWith('image/') && type !== 'application/octet-stream') {
    throw new HttpError(
      415,
      status.INVALID_ARGUMENT,
      `content-type is "${type}"; post the file itself as image/jpeg, image/png, …, or JSON to /v1/models/<name>:predict`,
    );
  }
}

function readTop(query: URLSearchParams): number {
  const text = query.get('top') ?? String(DEFAULT_TOP);
  if (!/^[1-9]\d{0,5}$/.test(text)) {
    throw invalid(`top is "${text.slice(0, 20)}"; expected a whole number of at least 1`);
  }
  return Number(text);
}
