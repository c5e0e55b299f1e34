import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { App, TerraformStack, TerraformVariable } from 'cdktf';

import {
  Accelerator,
  AksCompute,
  AzapiProvider,
  BrainwaveWebservice,
  RegisteredModel,
  ScoringCluster,
  ScoringImage,
  SslSettings,
  Workspace,
} from '../../dist/constructs';
import { measureSynth } from './measure-synth';

/* A hundred web services on AKS, declared with our constructs. */

const SERVICES = 100;

measureSynth((outdir) => {
  const app = new App({ outdir });
  const stack = new TerraformStack(app, 'services');
  new AzurermProvider(stack, 'azurerm', { features: [{}] });
  new AzapiProvider(stack, 'azapi');
  const workspace = new Workspace(stack, 'Workspace', { location: 'eastus' });
  // The bytes of the model do not count for the cost of the services.
  const model = RegisteredModel.fromRegisteredModelAttributes(stack, 'Model', {
    modelName: 'sample',
    modelVersion: '1',
  });
  const secret = { type: 'string', sensitive: true, nullable: false };
  const certificate = new TerraformVariable(stack, 'certificate', secret);
  const privateKey = new TerraformVariable(stack, 'private_key', secret);
  const accelerator = Accelerator.cpu('Standard_D4s_v5');
  const cluster = new ScoringCluster(stack, 'Cluster', { workspace, accelerator });
  const image = ScoringImage.fromScoringImageAttributes(stack, 'Image', {
    imageUri: 'registry.example.com/scoring:1',
  });
  for (let index = 0; index < SERVICES; index += 1) {
    new BrainwaveWebservice(stack, `Service${index}`, {
      model,
      ssl: SslSettings.fromVariables({ certificate, privateKey, hostname: `s${index}.example.com` }),
      compute: new AksCompute({ cluster, image }),
    });
  }
  return app;
});
