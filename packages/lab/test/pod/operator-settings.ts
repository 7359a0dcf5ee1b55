/** AWS settings that an operator may have, each of which alone has led a local pod astray. */
export const OPERATOR_SETTINGS = {
  AWS_PROFILE: 'nosuch',
  AWS_ENDPOINT_URL_SSM: 'http://127.0.0.1:1',
  AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
  AWS_REGION: 'eu-north-1',
};
