import { resolve } from 'node:path';
import { fetchTerraform, findTerraform, type TerraformBinary } from '../../lib/terraform';

/**
 * The Terraform that tests run: the machine's, else the pinned release, fetched once into an ignored folder, so
 * that all tests run on a machine that has none.
 */
export async function terraformForTests(): Promise<TerraformBinary> {
  const cacheDirectory = resolve(__dirname, '../../.cdktf-brainwave/terraform');
  return (await findTerraform()) ?? (await fetchTerraform({ cacheDirectory }));
}
