import type { OptionNames } from '../validation/option-names';

const OF_COMMAND = ' of cdktf-brainwave smoke-test';

/** Where a stack, or else the command, sets what `SmokeTest` does not take as a property. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'target.serverName': 'hostname of SslSettings',
  'target.plaintext': 'SslSettings.disabled()',
  'target.rootCertificateFile': 'rootCertificateFile of SslSettings',
  'target.clientCertificateFile': '--client-certificate-file',
  'target.clientKeyFile': `--client-key-file${OF_COMMAND}`,
  'target.connectTo': `--connect-to${OF_COMMAND}`,
  'target.modelName': 'the name of the registered model',
  'target.outputName': 'outputName',
  updateBaseline: `--update-baseline${OF_COMMAND}`,
};

/** Names of a smoke test's options in a stack: `SmokeTest` derives the target from the service. */
export const stackOptionNames: OptionNames = (option) =>
  ELSEWHERE[option.replace(/^reference\./, '')] ?? option;
