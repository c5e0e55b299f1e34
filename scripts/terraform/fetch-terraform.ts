import { createWriteStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { openPromise } from 'yauzl';

import { BrainwaveError, messageOf } from '../../lib/errors/brainwave-error';
import { inspectTerraform, type TerraformBinary } from '../../lib/terraform/terraform-binary';
import { downloadFile, TerraformFetchError, type DownloadProgress } from './download';

/** A Terraform release to download, with its checksums. */
export interface TerraformRelease {
  readonly version: string;
  /** SHA-256 of each platform's zip in lowercase hex, by `<os>_<architecture>` as the release names them. */
  readonly sha256: Readonly<Record<string, string>>;
}

/**
 * Release that the quickstart downloads if no Terraform is installed. To update it, copy the values from
 * `https://releases.hashicorp.com/terraform/<version>/terraform_<version>_SHA256SUMS`.
 */
export const pinnedTerraformRelease: TerraformRelease = {
  version: '1.11.4',
  sha256: {
    linux_amd64: '1ce994251c00281d6845f0f268637ba50c0005657eb3cf096b92f753b42ef4dc',
    linux_arm64: 'a43d1d0da9b9bab214a8305a39db0e40869572594ccf50c416a7756499143633',
    darwin_amd64: 'a56d5002b9f7647291faccc3dd1a70350e60fb61e4c45037629508b8fdc2575b',
    darwin_arm64: '867e0808fa971217043e25b7a792b10720c79b1546f8a68479b74f138be73e18',
  },
};

/** Options of the download. */
export interface FetchTerraformOptions {
  /** Cache folder, which Git ignores. Created if it is missing. */
  readonly cacheDirectory: string;
  /** Mirror with the layout of HashiCorp's site. @default 'https://releases.hashicorp.com/terraform' */
  readonly baseUrl?: string;
  /** @default process.platform */
  readonly platform?: string;
  /** Architecture in Node.js's notation: `x64`, `arm64`. @default process.arch */
  readonly arch?: string;
  /** @default pinnedTerraformRelease */
  readonly release?: TerraformRelease;
  /** Maximum time without data from the server. @default 30000 */
  readonly idleTimeoutMilliseconds?: number;
  /** Called before the download; not called if the release is in the cache. */
  readonly onStart?: (url: string) => void;
  readonly onProgress?: (progress: DownloadProgress) => void;
}

const DEFAULT_BASE_URL = 'https://releases.hashicorp.com/terraform';
// Releases are about 30 MB. Without a limit, a wrong address could fill the disk.
const MAXIMUM_ZIP_BYTES = 256 * 1024 * 1024;

/**
 * Downloads the pinned Terraform to a cache folder, unless it exists. Verifies the SHA-256 of the zip before unpacking
 * it. Several processes may download into one folder at the same time.
 *
 * @throws TerraformFetchError with instructions to install Terraform or OpenTofu
 */
export async function fetchTerraform(options: FetchTerraformOptions): Promise<TerraformBinary> {
  const release = options.release ?? pinnedTerraformRelease;
  const platform = platformName(options, release);
  const archive = `terraform_${release.version}_${platform}`;
  const cacheDirectory = resolve(options.cacheDirectory);
  const binary = join(cacheDirectory, archive, 'terraform');

  const cached = await inspectCached(binary, release);
  if (cached !== undefined) {
    return cached;
  }
  const url = releaseUrl(options.baseUrl ?? DEFAULT_BASE_URL, release, archive);
  try {
    await mkdir(join(cacheDirectory, archive), { recursive: true });
    const workFolder = await mkdtemp(join(cacheDirectory, 'fetching-'));
    try {
      options.onStart?.(url);
      const zip = join(workFolder, 'terraform.zip');
      const unpacked = join(workFolder, 'terraform');
      const sha256 = await downloadFile(url, zip, {
        idleTimeoutMilliseconds: options.idleTimeoutMilliseconds ?? 30_000,
        maximumBytes: MAXIMUM_ZIP_BYTES,
        onProgress: options.onProgress,
      });
      checkHash(url, sha256, release.sha256[platform]);
      await unpack(url, zip, unpacked);
      await rename(unpacked, binary);
    } finally {
      await rm(workFolder, { recursive: true, force: true });
    }
  } catch (error) {
    if (error instanceof BrainwaveError) {
      throw error;
    }
    throw new TerraformFetchError(
      'CACHE_DIRECTORY',
      `could not store Terraform ${release.version} in ${cacheDirectory}: ` +
        `${messageOf(error)}; expected a writable folder.`,
      { cause: error },
    );
  }
  return inspectFetched(binary);
}

async function inspectCached(
  binary: string,
  release: TerraformRelease,
): Promise<TerraformBinary | undefined> {
  try {
    const found = await inspectTerraform(binary, process.env);
    return found.version === release.version ? found : undefined;
  } catch {
    // Missing or damaged: download it again.
    return undefined;
  }
}

async function inspectFetched(binary: string): Promise<TerraformBinary> {
  try {
    return await inspectTerraform(binary, process.env);
  } catch (error) {
    throw new TerraformFetchError('NOT_USABLE', `fetched Terraform, but ${messageOf(error)}.`, {
      cause: error,
    });
  }
}

function platformName(options: FetchTerraformOptions, release: TerraformRelease): string {
  const platform = options.platform ?? process.platform;
  const arch = options.arch ?? process.arch;
  const name = `${platform}_${arch === 'x64' ? 'amd64' : arch}`;
  if (!Object.hasOwn(release.sha256, name)) {
    throw new TerraformFetchError(
      'UNSUPPORTED_PLATFORM',
      `cannot fetch Terraform for ${name}: expected one of ${Object.keys(release.sha256).join(', ')}.`,
    );
  }
  return name;
}

function releaseUrl(baseUrl: string, release: TerraformRelease, archive: string): string {
  if (!/^https?:\/\/[^/@]+(?:\/|$)/.test(baseUrl) || !URL.canParse(baseUrl)) {
    // The address is not quoted, because it may contain a password.
    throw new TerraformFetchError(
      'ADDRESS',
      'cannot fetch Terraform from the given baseUrl: expected an http or https address without a user name ' +
        `and password, such as ${DEFAULT_BASE_URL}.`,
    );
  }
  return `${baseUrl.replace(/\/+$/, '')}/${release.version}/${archive}.zip`;
}

function checkHash(url: string, got: string, expected: string): void {
  if (got !== expected) {
    throw new TerraformFetchError(
      'CHECKSUM',
      `the file at ${url} is not the expected release and was deleted: its SHA-256 is ${got}, ` +
        `expected ${expected}; retry, and do not trust the address if this happens again.`,
    );
  }
}

async function unpack(url: string, zip: string, target: string): Promise<void> {
  let found: boolean;
  try {
    found = await unzipEntry(zip, 'terraform', target);
  } catch (error) {
    throw new TerraformFetchError('ARCHIVE', `could not unpack the file at ${url}: ${messageOf(error)}.`, {
      cause: error,
    });
  }
  if (!found) {
    throw new TerraformFetchError(
      'ARCHIVE',
      `the zip at ${url} contains no entry named terraform; expected a Terraform release.`,
    );
  }
  // The mode of a new file is limited by the umask.
  await chmod(target, 0o755);
}

/**
 * Unpacks one entry of a zip into a file.
 *
 * @returns false if the zip has no such entry
 */
async function unzipEntry(zip: string, entryName: string, target: string): Promise<boolean> {
  const archive = await openPromise(zip, { autoClose: false });
  try {
    for await (const entry of archive.eachEntry()) {
      if (entry.fileName === entryName) {
        const content = await archive.openReadStreamPromise(entry);
        await pipeline(content, createWriteStream(target, { flags: 'wx', mode: 0o755 }));
        return true;
      }
    }
    return false;
  } finally {
    archive.close();
  }
}
