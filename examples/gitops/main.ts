import { App } from 'cdktf';

import { CertificateStack } from './certificate-stack';
import { azure } from './platforms/azure';
import { local } from './platforms/local';
import { ScoringStack } from './scoring-stack';

const app = new App();
if (process.env.PLATFORM === 'local') {
  new ScoringStack(app, 'scoring', local);
} else {
  new CertificateStack(app, 'certificate');
  new ScoringStack(app, 'scoring', azure);
}
app.synth();
