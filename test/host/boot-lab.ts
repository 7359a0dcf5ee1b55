import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { handler } from '../../handlers/config.ts';
import type { Pod } from '../../src/fleet/fleet.ts';
import { served } from '../builders/served-files.ts';
import fleet from '../builders/shipped-fleet.ts';
import { type Gateway, gateway, type HttpHandler } from '../handlers/gateway.ts';
import { holding } from '../handlers/openapi.ts';
import { BootHost, lacking, type Outcome, type Shell } from './boot-host.ts';

export const AT = { fleet, pod: fleet.pods[0] as Pod, az: 'us-west-2b' };
export const BOUNDARY = served('boot.sh', { ...AT, tier: 'boundary' }).text;
export const CLIENT = served('boot.sh', { ...AT, tier: 'client' }).text;
export const NTPSEC_CONF = served('ntpsec.conf', { ...AT, tier: 'client' });
/** What the host ran on before. */
export const OLD = 'server old.example\n';

const ALL_SHELLS: Shell[] = ['dash', 'bash', 'busybox'];
/** HOST_SHELL=dash: under that one alone (scripts/delete-lines.ts). */
export const SHELLS = ALL_SHELLS.filter((shell) => (process.env.HOST_SHELL ?? shell) === shell);

/** The real function's answers are held against the API's description; what a test puts in their place is not. */
const held = holding(handler);

/** A host, and the real config function behind a real HTTP server. Both are new for each test. */
export class Lab {
  host = undefined as unknown as BootHost;
  api = undefined as unknown as Gateway;
  /** What the API answers to GET and to POST; tests of an API that is ill replace it. */
  answerFile: HttpHandler = held;
  answerRegister: HttpHandler = held;

  reset(host: BootHost): void {
    this.host = host;
    this.answerFile = held;
    this.answerRegister = async () => ({ statusCode: 200, body: '{}' });
    this.api.requests.length = 0;
  }

  /** The host becomes Debian's with ntpsec, which runs on a file of before. */
  ntpsec(): BootHost {
    return this.host
      .daemon('ntpd', 'ntpd ntpsec-1.2.2')
      .services('service', ['ntpsec'])
      .write('etc/ntpsec/ntp.conf', OLD);
  }

  boot(script = CLIENT, args = [this.api.url]): Promise<Outcome> {
    return this.host.run(script, args);
  }

  /** Nothing on the host of `ntpsec()` was changed. */
  expectUntouched(): void {
    expect({
      conf: this.host.read('etc/ntpsec/ntp.conf'),
      folder: this.host.list('etc/ntpsec'),
      restarts: this.host.restarts,
    }).toEqual({ conf: OLD, folder: ['ntp.conf'], restarts: [] });
  }
}

/** Runs the suite under every shell that boot.sh is written for; `really` skips, and says so, where one is missing. */
export function underEveryShell(title: string, suite: (lab: Lab, really: typeof it) => void): void {
  describe.each(SHELLS)(`${title} under %s`, (shell) => {
    const lab = new Lab();
    const lacks = lacking(shell);
    if (lacks !== null) {
      it.skip(`everything (skipped: no ${lacks} here)`, () => {});
      return;
    }
    beforeAll(async () => {
      lab.api = await gateway((method, parts) =>
        method === 'POST' && parts[1] === 'register'
          ? (...call) => lab.answerRegister(...call)
          : (...call) => lab.answerFile(...call),
      );
    });
    afterAll(() => lab.api.close());
    beforeEach(() => lab.reset(new BootHost(shell)));
    afterEach(() => lab.host.remove());
    suite(lab, it);
  });
}
