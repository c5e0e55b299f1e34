/** Finding, fetching and running Terraform or OpenTofu. */
export type { DownloadProgress } from './download';
export { fetchTerraform, type FetchTerraformOptions } from './fetch-terraform';
export { findTerraform, type FindTerraformOptions } from './find-terraform';
export { runTerraform, type RunTerraformOptions, type TerraformRun } from './run-terraform';
export type { TerraformBinary } from './terraform-binary';
export {
  installHints,
  TerraformFetchError,
  TerraformNotFoundError,
  TerraformNotUsableError,
  TerraformTooOldError,
  type TerraformFetchReason,
} from './terraform-errors';
export { parseUiLine } from './terraform-event';
export type {
  ApplyEvent,
  ApplyStartEvent,
  ChangeSummaryEvent,
  DiagnosticEvent,
  OutputsEvent,
  PlannedChangeEvent,
  ProvisionEvent,
  ProvisionProgressEvent,
  TerraformEvent,
  TerraformOutput,
  VersionEvent,
} from './terraform-event';
export { pinnedTerraformRelease, type TerraformRelease } from './terraform-release';
