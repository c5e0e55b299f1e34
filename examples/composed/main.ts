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
// It calls the services by their names, which are text: no reference says that they must be there first.
application.addDependency(names);

app.synth();
