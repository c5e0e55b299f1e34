import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { TerraformNotUsableError } from './terraform-errors';
import { requireVersion } from './terraform-version';

/** A working Terraform or OpenTofu binary. */
export interface TerraformBinary {
  /** Absolute path. */
  readonly path: string;
  readonly product: 'terraform' | 'opentofu';
  /** Version with its suffix, if any: `1.11.4`, `1.12.0-rc1`. */
  readonly version: string;
}

const run = promisify(execFile);
const ANSWER_TIMEOUT_MILLISECONDS = 60_000;
const SHOWN_OUTPUT_CHARACTERS = 500;

// OpenTofu has kept this key's name; only Terraform adds whether it is outdated.
const versionSchema = z.object({
  terraform_version: z.string(),
  terraform_outdated: z.boolean().optional(),
});

/**
 * Determines the product and version of a binary.
 *
 * @throws TerraformNotUsableError if it does not start or its output is invalid
 * @throws TerraformTooOldError if its version is below 1.4, the first with `terraform_data`
 */
export async function inspectTerraform(path: string, env: NodeJS.ProcessEnv): Promise<TerraformBinary> {
  const answer = readVersion(path, await ask(path, ['version', '-json'], env));
  const version = answer.terraform_version;
  requireVersion(path, version);
  const opentofu = answer.terraform_outdated === undefined && (await isOpenTofu(path, env));
  return { path, product: opentofu ? 'opentofu' : 'terraform', version };
}

async function isOpenTofu(path: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  try {
    return (await ask(path, ['version'], env)).startsWith('OpenTofu');
  } catch {
    return basename(path).includes('tofu');
  }
}

function readVersion(path: string, text: string): z.infer<typeof versionSchema> {
  try {
    return versionSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new TerraformNotUsableError(
      path,
      `\`version -json\` returned "${shorten(text)}", expected JSON with terraform_version`,
      { cause: error },
    );
  }
}

async function ask(path: string, args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  try {
    const { stdout } = await run(path, args, {
      // Without the update check, the command also works offline and returns immediately.
      env: { ...env, CHECKPOINT_DISABLE: '1' },
      timeout: ANSWER_TIMEOUT_MILLISECONDS,
    });
    return stdout;
  } catch (error) {
    const { code, killed, stderr } = error as {
      code?: string | number | undefined;
      killed?: boolean | undefined;
      stderr?: string | undefined;
    };
    const end = killed ? 'was stopped after a minute without a response' : `ended with ${code ?? 'a signal'}`;
    const said = shorten(stderr ?? '');
    throw new TerraformNotUsableError(
      path,
      `\`${args.join(' ')}\` ${end}${said === '' ? '' : ` and printed "${said}"`}`,
      { cause: error },
    );
  }
}

function shorten(text: string): string {
  return text.trim().slice(0, SHOWN_OUTPUT_CHARACTERS);
}
