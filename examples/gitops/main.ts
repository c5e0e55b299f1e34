import { App } from 'cdktf';

import { azure } from './platforms/azure';
import { local } from './platforms/local';
import { ScoringStack } from './scoring-stack';

const app = new App();
new ScoringStack(app, 'scoring', process.env.PLATFORM === 'local' ? local : azure);
app.synth();
