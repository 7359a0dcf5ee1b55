import type http from 'node:http';
import type { RequestOptions } from 'node:http';
import { hostId } from './hosts.ts';
import { PODS, type PodName } from './programs.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Puts into the endpoint what stood there before a test begins, by the calls of AWS itself. */
export interface Setup {
  /** A server's record as podtime makes it. */
  record(pod: PodName, number: number, az: string): Promise<void>;
  object(bucket: string, key: string, body: string | Buffer): Promise<void>;
}

/** Route 53 answers PriorRequestNotComplete for so long after a change. */
const TAKING_MS = 1_000;
const LONGEST_MS = 10_000;

export function createSetup(url: string, request: typeof http.request, time: VirtualTime): Setup {
  const { hostname, port } = new URL(url);

  async function send(service: string, method: string, path: string, body: string | Buffer): Promise<void> {
    const credential = `AKIDSETUP/20260115/us-west-2/${service}/aws4_request`;
    const headers = {
      authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=0`,
      'content-length': String(Buffer.byteLength(body)),
    };
    const options: RequestOptions = { hostname, port, method, path, headers, agent: false };
    const sent = new Promise<number>((resolve, reject) => {
      request(options, (response) => {
        response.resume().once('end', () => resolve(response.statusCode ?? 0));
      })
        .once('error', reject)
        .end(body);
    });
    await time.until(sent, LONGEST_MS);
    const status = await sent;
    if (status !== 200) throw new Error(`${method} ${path} was answered ${status}`);
  }

  return {
    async record(pod, number, az) {
      const { zone, network } = PODS[pod];
      const set =
        `<Name>ntp.az-${az}.${zone.name}.</Name><Type>A</Type><SetIdentifier>${hostId(pod, number)}</SetIdentifier>` +
        `<MultiValueAnswer>true</MultiValueAnswer><TTL>30</TTL><ResourceRecords><ResourceRecord>` +
        `<Value>${network}.0.${number}</Value></ResourceRecord></ResourceRecords>`;
      const change = `<Change><Action>UPSERT</Action><ResourceRecordSet>${set}</ResourceRecordSet></Change>`;
      const body =
        '<?xml version="1.0" encoding="UTF-8"?><ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/">' +
        `<ChangeBatch><Changes>${change}</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>`;
      await send('route53', 'POST', `/2013-04-01/hostedzone/${zone.id}/rrset/`, body);
      await time.pass(TAKING_MS);
    },
    object: (bucket, key, body) => send('s3', 'PUT', `/${bucket}/${key}`, body),
  };
}
