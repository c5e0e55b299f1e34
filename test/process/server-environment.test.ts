import fc from 'fast-check';

import { serverEnvironment } from '../../lib/process/server-environment';

const passes = (name: string) => name in serverEnvironment({ [name]: 'a value' });

describe('what a server is given of its starter’s environment', () => {
  it.each([
    ...['PATH', 'Path', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'SystemRoot', 'XDG_CACHE_HOME'],
    ...[
      'NODE_OPTIONS',
      'NODE_EXTRA_CA_CERTS',
      'UV_THREADPOOL_SIZE',
      'GRPC_TRACE',
      'OPENSSL_CONF',
      'SSL_CERT_FILE',
    ],
    ...['http_proxy', 'HTTP_PROXY', 'https_proxy', 'NO_PROXY', 'grpc_proxy', 'no_grpc_proxy'],
    ...[
      'ORT_DISABLE_TELEMETRY',
      'OMP_NUM_THREADS',
      'LD_LIBRARY_PATH',
      'CUDA_VISIBLE_DEVICES',
      'NVIDIA_VISIBLE_DEVICES',
    ],
    ...['PYTHONPATH', 'VIRTUAL_ENV'],
  ])('has %s', (name) => {
    expect(passes(name)).toBe(true);
  });

  it.each([
    ...[
      'TF_VAR_x',
      'TF_TOKEN_app_terraform_io',
      'CDKTF_BRAINWAVE_SPECIFICATION',
      'ARM_CLIENT_ID',
      'BRAINWAVE_KEY',
    ],
    ...['AWS_ACCESS_KEY_ID', 'AZURE_CLIENT_SECRET', 'GOOGLE_CREDENTIALS', 'KUBECONFIG', 'SSH_AUTH_SOCK'],
    ...[
      'GITHUB_TOKEN',
      'SYSTEM_ACCESSTOKEN',
      'CI_JOB_TOKEN',
      'npm_config__auth',
      'PIP_INDEX_URL',
      'UV_INDEX_URL',
    ],
    ...['NODE_AUTH_TOKEN', 'NVIDIA_API_KEY', 'CONDA_TOKEN', 'GRPC_PASSWORD', 'MY_PATH', 'PATH_OF_MINE'],
  ])('has no %s', (name) => {
    expect(passes(name)).toBe(false);
  });

  it('contains no variable whose name suggests a secret', () => {
    const secret = fc.constantFrom('TOKEN', 'SECRET', 'PASSWORD', 'API_KEY', 'CREDENTIALS');
    const prefix = fc.constantFrom('NODE_', 'GRPC_', 'NVIDIA_', 'CUDA_', 'LC_', 'PYTHON', 'ORT_', 'OPENSSL_');
    fc.assert(
      fc.property(prefix, secret, (...parts) => {
        expect(passes(parts.join(''))).toBe(false);
      }),
    );
  });
});

it('returns memory to the system, unless the deployment sets the variables itself', () => {
  expect(serverEnvironment({})).toMatchObject({
    MALLOC_ARENA_MAX: '1',
    MALLOC_MMAP_THRESHOLD_: '131072',
    NODE_OPTIONS: '--max-semi-space-size=2',
  });
  expect(serverEnvironment({ MALLOC_ARENA_MAX: '4', NODE_OPTIONS: '--use-openssl-ca' })).toMatchObject({
    MALLOC_ARENA_MAX: '4',
    NODE_OPTIONS: '--use-openssl-ca',
  });
});
