import { App, type TerraformStack } from 'cdktf';

import { AksAutoscaling } from './aks-autoscaling';
import { AksCpu } from './aks-cpu';
import { BlueGreen } from './blue-green';
import { ExistingParts } from './existing-parts';
import { FpgaPair } from './fpga-pair';
import { KeysInVault, KeyVault } from './key-vault';
import { OnlineEndpoints } from './online-endpoints';
import { PrivateDns } from './private-dns';
import { ProviderAliases } from './provider-aliases';

/*
 * Variants of stacks that the examples leave out. `VARIANT` names the one to synthesize.
 */

const variants: Readonly<Record<string, new (app: App, id: string) => TerraformStack>> = {
  'aks-autoscaling': AksAutoscaling,
  'aks-cpu': AksCpu,
  'blue-green': BlueGreen,
  'existing-parts': ExistingParts,
  'fpga-pair': FpgaPair,
  'key-vault': KeyVault,
  'keys-in-vault': KeysInVault,
  'online-endpoints': OnlineEndpoints,
  'private-dns': PrivateDns,
  'provider-aliases': ProviderAliases,
};

const { VARIANT = '' } = process.env;
const app = new App();
new variants[VARIANT](app, VARIANT);
app.synth();
