import type { WorkloadKind } from '../contract/folder-layout';
import type { OnProgress } from './service-process';

/** How something that serves on this machine stands. */
export interface LocalWorkloadStatus {
  readonly name: string;
  /** The IP address to connect to. */
  readonly address: string;
  readonly port: number;
  /** The name the certificate is checked against; `null` without TLS. */
  readonly hostname: string | null;
  readonly tls: boolean;
  /** `null` where no process runs. */
  readonly pid: number | null;
  /** Whether calls are answered. */
  readonly ready: boolean;
  readonly model: string;
  readonly modelVersion: string;
  /** Holds `{"primaryKey","secondaryKey"}`; `null` where no keys are taken. */
  readonly keyFile: string | null;
  /** What a client must trust beside the public roots; `null` where that is nothing. */
  readonly rootCertificateFile: string | null;
  /** The classes' names, one a line; `null` where the model has none. */
  readonly labelsFile: string | null;
  readonly logFile: string;
  /** ISO 8601; `null` where no process runs. */
  readonly startedAt: string | null;
}

/** What a stack has deployed on this machine: a scoring service, or an online endpoint. */
export interface LocalWorkload {
  readonly kind: WorkloadKind;
  readonly name: string;
  /** The folder of its private files; there is none where it is not deployed. */
  readonly folderPath: string;
  readonly logFile: string;
  /** Whether it is up, was, or is about to be: one that was only reserved, or never started, has a folder and no more. */
  wasUp(): Promise<boolean>;
  /**
   * Brings it to what it was last told to be; starts it where its process has ended.
   * @throws LocalError SERVICE_NOT_FOUND where it was never up
   */
  upAgain(onProgress?: OnProgress): Promise<LocalWorkloadStatus>;
  /** Stops it, letting calls in flight end, and removes all it left. */
  down(onProgress?: OnProgress): Promise<void>;
  /** @throws LocalError SERVICE_NOT_FOUND where it was never up */
  status(): Promise<LocalWorkloadStatus>;
}
