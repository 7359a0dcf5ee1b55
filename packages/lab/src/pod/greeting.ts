import type { Fleet } from '../../../../src/fleet/fleet.ts';
import { watchdogOf } from '../../../../src/fleet/watchdog-classes.ts';
import type { Ports } from './settings.ts';

/** Where a pod that came up is reached, and what to try there; lines of `npm start`. */
export function greeting(fleet: Fleet, ports: Ports, lambdaPort: number): string[] {
  const [first] = fleet.pods;
  const api = `http://127.0.0.1:${ports.api}`;
  const { functionName } = watchdogOf(first ?? { hosts: 0 });
  const tick =
    `aws lambda invoke --endpoint-url http://127.0.0.1:${lambdaPort} --function-name podtime-local-${functionName} ` +
    `--cli-binary-format raw-in-base64-out --payload '{"pod":"${first?.name}"}' /dev/stdout`;
  return [
    `  API      ${api}   try: curl ${api}/${first?.name}/client/az-b/ntp.conf`,
    `  AWS      http://127.0.0.1:${ports.aws}   Route 53, SSM, CloudWatch, EC2, EventBridge, S3, SQS, Lambda, STS`,
    `  Lambda   http://127.0.0.1:${lambdaPort}   try: ${tick}`,
    `  pods     ${fleet.pods.map(({ name, zone }) => `${name} (zone ${zone.name}, ${zone.id})`).join(', ')}`,
    '  break it npm run pod -- replace az-b     (npm run pod alone lists what it can do)',
  ];
}
