/** Of the system: where programs and folders are, who runs them, and how text, time and memory are. */
const SYSTEM =
  'PATH HOME USER LOGNAME SHELL HOSTNAME TERM LANG LANGUAGE LC_* TZ TZDIR TMPDIR TMP TEMP XDG_*_HOME ' +
  'XDG_RUNTIME_DIR LD_* DYLD_* MALLOC_*';

/** Of Windows, whose programs do not start without some of them. */
const WINDOWS =
  'SystemRoot SystemDrive windir ComSpec PATHEXT NUMBER_OF_PROCESSORS PROCESSOR_* OS USERNAME ' +
  'USERPROFILE HOMEDRIVE HOMEPATH APPDATA LOCALAPPDATA ProgramData ProgramFiles';

/** Of Node.js, libuv, gRPC, OpenSSL, and the ways out. `UV_*` is another program's, uv, with its passwords. */
const RUNTIME =
  'NODE_* UV_THREADPOOL_SIZE UV_USE_IO_URING GRPC_* OPENSSL_* SSL_CERT_FILE SSL_CERT_DIR http_proxy ' +
  'https_proxy all_proxy no_proxy grpc_proxy no_grpc_proxy REQUESTS_CA_BUNDLE CURL_CA_BUNDLE';

/** Of the engines, the libraries below them, and accelerators. */
const ENGINES =
  'ORT_* OMP_* GOMP_* KMP_* MKL_* OPENBLAS_* VIPS_* CUDA_* CUDNN_* NVIDIA_* NCCL_* XILINX_* XLNX_*';

/** Of the Python that runs entry scripts. Packages are installed by the process that deploys: pip's are not here. */
const PYTHON = 'PYTHON* VIRTUAL_ENV CONDA_PREFIX CONDA_DEFAULT_ENV';

const PASSED = new RegExp(
  `^(${[SYSTEM, WINDOWS, RUNTIME, ENGINES, PYTHON].join(' ').replaceAll(' ', '|').replaceAll('*', '\\w*')})$`,
  // Windows has one case, and proxies are written in both.
  'i',
);

/** A name that says that it holds a secret, such as `NODE_AUTH_TOKEN` or `NVIDIA_API_KEY`. */
const SECRET = /TOKEN|SECRET|PASSW|CREDENTIAL|_KEY|KEY$|_AUTH/i;

/**
 * What a server is given of the environment of whoever starts it. It outlives that process by far, and so would the
 * secrets of a deployment: credentials of clouds, of repositories and of pipelines, keys, Terraform's variables.
 * Only what is known to be no secret goes on; an entry script's own variables are part of its configuration.
 */
export function serverEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => PASSED.test(name) && !SECRET.test(name)),
  );
}
