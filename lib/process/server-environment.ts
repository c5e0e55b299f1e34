/** Operating system: program and folder paths, user, locale, time zone and memory allocation. */
const SYSTEM =
  'PATH HOME USER LOGNAME SHELL HOSTNAME TERM LANG LANGUAGE LC_* TZ TZDIR TMPDIR TMP TEMP XDG_*_HOME ' +
  'XDG_RUNTIME_DIR LD_* DYLD_* MALLOC_*';

/** Windows, where programs do not start without some of them. */
const WINDOWS =
  'SystemRoot SystemDrive windir ComSpec PATHEXT NUMBER_OF_PROCESSORS PROCESSOR_* OS USERNAME ' +
  'USERPROFILE HOMEDRIVE HOMEPATH APPDATA LOCALAPPDATA ProgramData ProgramFiles';

/** Node.js, libuv, gRPC, OpenSSL and proxies. Not `UV_*` as a whole: those of the tool uv may be passwords. */
const RUNTIME =
  'NODE_* UV_THREADPOOL_SIZE UV_USE_IO_URING GRPC_* OPENSSL_* SSL_CERT_FILE SSL_CERT_DIR http_proxy ' +
  'https_proxy all_proxy no_proxy grpc_proxy no_grpc_proxy REQUESTS_CA_BUNDLE CURL_CA_BUNDLE';

/** Inference engines, the libraries that they use, and accelerators. */
const ENGINES =
  'ORT_* OMP_* GOMP_* KMP_* MKL_* OPENBLAS_* VIPS_* CUDA_* CUDNN_* NVIDIA_* NCCL_* XILINX_* XLNX_*';

/** OpenTelemetry. Not `OTEL_EXPORTER_OTLP_HEADERS`, which may contain a credential. */
const TELEMETRY = 'OTEL_*';

/** Python, which runs entry scripts. Not pip: the deploying process installs the packages. */
const PYTHON = 'PYTHON* VIRTUAL_ENV CONDA_PREFIX CONDA_DEFAULT_ENV';

const PASSED = new RegExp(
  `^(${[SYSTEM, WINDOWS, RUNTIME, ENGINES, TELEMETRY, PYTHON].join(' ').replaceAll(' ', '|').replaceAll('*', '\\w*')})$`,
  // Names are case-insensitive on Windows, and those of proxies are written in both cases.
  'i',
);

/** Names of variables that contain secrets, such as `NODE_AUTH_TOKEN` or `NVIDIA_API_KEY`. */
const SECRET = /TOKEN|SECRET|PASSW|CREDENTIAL|_KEY|KEY$|_AUTH|^OTEL_.*_HEADERS$/i;

/**
 * Settings that return the memory of images and arrays to the system. For glibc's allocator, which others ignore: one arena
 * instead of eight per core, and separate mappings for large blocks, whose size glibc otherwise raises to 32 MB. For V8: 2 MB
 * instead of 16 MB of new objects, which keep the messages of finished calls alive. They save a fourth of the memory of a
 * scoring server and cost no time that could be measured.
 * @see https://man7.org/linux/man-pages/man3/mallopt.3.html
 * @see https://nodejs.org/api/cli.html#--max-semi-space-sizesize-in-mib
 */
export const MEMORY_ENVIRONMENT: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
  NODE_OPTIONS: '--max-semi-space-size=2',
};

/**
 * Selects the environment variables that a server inherits. The server outlives the deployment that starts it, so it
 * must not inherit the deployment's secrets: credentials of clouds, repositories and pipelines, keys, Terraform
 * variables. Only variables that are known to contain no secret are passed on; an entry script's own variables are part
 * of its configuration. Variables that are set take precedence over `MEMORY_ENVIRONMENT`.
 */
export function serverEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const inherited = Object.entries(environment).filter(([name]) => PASSED.test(name) && !SECRET.test(name));
  return { ...MEMORY_ENVIRONMENT, ...Object.fromEntries(inherited) };
}
