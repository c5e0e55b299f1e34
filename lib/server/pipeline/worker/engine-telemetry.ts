/**
 * Turns ONNX Runtime's telemetry off unless the user has set its variables. Since 1.25 its builds for Linux and
 * macOS write a device id and a database into the home directory and send usage to their maker
 * (microsoft/onnxruntime pull requests 27379 and 29843; the variable's name has changed between releases).
 *
 * It must be called on the main thread: a worker's `process.env` is a copy that native code does not see.
 */
export function disableEngineTelemetry(): void {
  process.env.ORT_DISABLE_TELEMETRY ??= '1';
  process.env.ORT_TELEMETRY_DISABLED ??= '1';
}
