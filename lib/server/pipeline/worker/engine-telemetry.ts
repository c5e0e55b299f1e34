/**
 * Disables ONNX Runtime's telemetry unless the user has set its environment variables. Since 1.25, the builds for Linux
 * and macOS write a device id and a database to the home directory and send usage data to Microsoft. The name of the
 * variable has changed between releases.
 *
 * Call this on the main thread: a worker's `process.env` is a copy that native code does not see.
 * @see https://github.com/microsoft/onnxruntime/pull/27379
 * @see https://github.com/microsoft/onnxruntime/pull/29843
 */
export function disableEngineTelemetry(): void {
  process.env.ORT_DISABLE_TELEMETRY ??= '1';
  process.env.ORT_TELEMETRY_DISABLED ??= '1';
}
