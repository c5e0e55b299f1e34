import { App } from 'cdktf';

import { ScoringStack } from './scoring-stack';

const app = new App();
new ScoringStack(app, 'scoring');
app.synth();
