/*
 * Images of others that stacks use, pinned by digest: a tag can be moved to another image. The versions in the tags are for
 * readers; registries ignore them if there is a digest. docs/security.md says how to update them.
 */

/** Node.js 24.14 on Azure Linux, from Microsoft's registry, which has no rate limits that could fail a build. */
export const NODE_IMAGE =
  'mcr.microsoft.com/azurelinux/base/nodejs:24@sha256:20f7ab20fab66f75d70753ac87a8f8c966521d811b109786174e15f2615464c2';

/** Azure CLI on Azure Linux: `az`, `python3` and `sha256sum`. */
export const AZURE_CLI_IMAGE =
  'mcr.microsoft.com/azure-cli@sha256:0df3dcd6f4342770c2f0992c6c6552297fe8433195372fc2438a7c00bf3fd826';

/** Triton 26.08, which runs ONNX. */
export const TRITON_IMAGE =
  'nvcr.io/nvidia/tritonserver:26.08-py3@sha256:9185ba5b33d2c85c9204b208957b4bbfc6b2b89066efc9192e0f60c2ab58cec0';

/**
 * The last release of Triton that runs TensorFlow models. It gets no patches.
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/release-notes/rel-25-03.html
 */
export const TRITON_TENSORFLOW_IMAGE = 'nvcr.io/nvidia/tritonserver:25.02-py3';

/** NVIDIA's device plugin for Kubernetes. */
export const NVIDIA_DEVICE_PLUGIN_IMAGE =
  'nvcr.io/nvidia/k8s-device-plugin:v0.20.0@sha256:a61ba9fd8efb82f3a79f877f7580e02c1e8e7593f62473644bc9c79e315c3312';
