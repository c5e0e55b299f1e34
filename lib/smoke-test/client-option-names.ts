import type { ClientOptionNames } from '../client/prediction-client-options';
import type { OptionNames } from '../validation/option-names';

/** Returns where the options of a smoke test's client are set: the options of the test that they come from. */
export function clientOptionNames(names: OptionNames): ClientOptionNames {
  return (option) => {
    switch (option) {
      case 'rootCertificates':
        return names('target.rootCertificateFile');
      case 'clientCertificate':
        return `${names('target.clientCertificateFile')} and ${names('target.clientKeyFile')}`;
      case 'deadlineMs':
        return names('callTimeoutSeconds');
      case 'serverName':
      case 'plaintext':
      case 'deployment':
      case 'modelName':
      case 'outputName':
        return names(`target.${option}`);
      default:
        return `${option} of PredictionClient`;
    }
  };
}
