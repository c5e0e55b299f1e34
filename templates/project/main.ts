import { App } from 'cdktf';
import { SynthErrors } from 'cdktf-brainwave';

import { ScoringStack } from './scoring-stack';

// What is wrong in the stack is printed without a stack trace.
SynthErrors.hideStackTraces();

const app = new App();
new ScoringStack(app, 'scoring');
app.synth();
