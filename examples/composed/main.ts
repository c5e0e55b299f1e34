import { App } from 'cdktf';

import { ApplicationStack } from './application-stack';
import { NamesStack } from './names-stack';
import { PlatformStack } from './platform-stack';
import { ServicesStack } from './services-stack';

const app = new App();
const platform = new PlatformStack(app, 'platform');
const services = new ServicesStack(app, 'services', platform);
const names = new NamesStack(app, 'names', services);
const application = new ApplicationStack(app, 'application', services);
// The application calls the services by literal names, so no reference makes it depend on their stack.
application.addDependency(names);

app.synth();
