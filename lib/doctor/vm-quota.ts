import * as z from 'zod';

import { askAzureCli, AZURE_CLI_INSTALLATION } from './azure-cli';
import type { Check, DoctorOptions, Finding } from './check';

// Some versions of the CLI return the numbers as strings.
const usagesSchema = z.array(
  z.object({
    currentValue: z.coerce.number(),
    limit: z.coerce.number(),
    name: z.object({ value: z.string(), localizedValue: z.string().optional() }),
  }),
);

type Usage = z.infer<typeof usagesSchema>[number];

/** Checks the quota of a VM family in a region. */
export const checkVmQuota: Check = async (options) => {
  const { location, env } = options;
  if (location === undefined) {
    return [];
  }
  const answer = await askAzureCli(['vm', 'list-usage', '--location', location], env);
  switch (answer.kind) {
    case 'missing':
    case 'logged-out':
      return [
        finding(
          'note',
          `the quota in ${location} is not checked: it requires a login with az`,
          answer.kind === 'missing'
            ? `install the Azure CLI (${AZURE_CLI_INSTALLATION}) and run az login`
            : 'log in: az login',
        ),
      ];
    case 'refused':
      return [
        finding(
          'failed',
          `the quota in ${location} cannot be determined: ${answer.reason}`,
          'list the regions with az account list-locations --query "[].name"',
        ),
      ];
    case 'answer':
      return [compare(answer.json, options, location)];
  }
};

function compare(json: unknown, { vmFamily, cores }: DoctorOptions, location: string): Finding {
  const usages = usagesSchema.safeParse(json).data ?? [];
  const family = usages.find((usage) => isFamily(usage, vmFamily));
  const listing = `az vm list-usage --location ${location} --output table`;
  if (!family) {
    return finding(
      'failed',
      `${location} has no VM family "${vmFamily}"`,
      `list the families with ${listing}`,
    );
  }
  const { limit, currentValue } = family;
  const free = limit - currentValue;
  const text = `${free} of ${limit} vCPUs of ${family.name.value} are free in ${location}`;
  return free >= cores
    ? finding('passed', text)
    : finding(
        'failed',
        `${text}, expected ${cores}`,
        'request an increase under Quotas in the Azure portal (https://aka.ms/quotas), or use another region or size',
      );
}

function isFamily({ name }: Usage, wanted: string): boolean {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]|family|vcpus/g, '');
  return [name.value, name.localizedValue ?? ''].some((each) => plain(each) === plain(wanted));
}

function finding(outcome: Finding['outcome'], text: string, remedy?: string): Finding {
  return { check: 'quota', outcome, finding: text, remedy };
}
