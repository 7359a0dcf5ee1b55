import { collectOutput, hostNumber, POD, type ScaleHost, SERVERS } from './fleet.ts';
import { reservationXml } from './instance-xml.ts';

/** Stands in every listed answer: the pages are made once for all commands. */
const COMMAND_ID = 'c0113c70-0000-4000-8000-000000000000';

/** Answers of AWS about a pod of so many hosts, made at first use and kept: serving one costs nearly nothing. */
export class CannedPages {
  readonly hosts: readonly ScaleHost[];
  /** Ids of clients that DNS has left behind. */
  readonly leftBehind = new Set<string>();
  private readonly made = new Map<string, Buffer>();

  constructor(readonly size: number) {
    this.hosts = Array.from({ length: size }, (_, number) => hostNumber(number));
  }

  /** DescribeInstances of these hosts; `next` is the token of the next page. */
  instances(name: string, hosts: () => readonly ScaleHost[], next: string | null): Buffer {
    return this.once(`instances ${name} ${next}`, () => {
      const token = next === null ? '' : `<nextToken>${next}</nextToken>`;
      return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">' +
        `<requestId>8f7724cf-496f-496e-8fe3-example</requestId><reservationSet>${hosts().map(reservationXml).join('')}</reservationSet>${token}</DescribeInstancesResponse>`
      );
    });
  }

  /** ListCommandInvocations of `collect`, hosts `from` to `to`; those before host `answered` have answered. */
  invocations(from: number, to: number, answered: number, next: string | null): Buffer {
    const listed = this.hosts.slice(from, to);
    const through = Math.min(Math.max(answered - from, 0), listed.length);
    const left = listed.filter(({ instanceId }) => this.leftBehind.has(instanceId)).map(({ number }) => number);
    return this.once(`invocations ${from} ${to} ${through} ${next} ${left.join(' ')}`, () =>
      invocationPage(
        listed.map((host, at) => {
          const output = at < through ? collectOutput(host, this.leftBehind.has(host.instanceId)) : null;
          return invocation(host.instanceId, output);
        }),
        next,
      ),
    );
  }

  /** The pod's records, as podtime publishes them; `unpublished` is the number of a server without. */
  records(unpublished: number | null): Buffer {
    return this.once(`records ${unpublished}`, () =>
      recordSets(SERVERS.filter(({ number }) => number !== unpublished)),
    );
  }

  apex(): Buffer {
    return this.once('apex', () =>
      listing(
        `<ResourceRecordSet><Name>${POD.zone.name}.</Name><Type>SOA</Type><TTL>30</TTL><ResourceRecords><ResourceRecord><Value>ns-1.example. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 30</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>`,
      ),
    );
  }

  private once(key: string, make: () => string): Buffer {
    const known = this.made.get(key) ?? Buffer.from(make());
    this.made.set(key, known);
    return known;
  }
}

/** One page of ListCommandInvocations. */
export const invocationPage = (invocations: object[], next: string | null): string =>
  JSON.stringify({ CommandInvocations: invocations, ...(next === null ? {} : { NextToken: next }) });

/** What came of a command on one host; `output` null: it has not answered yet. */
export function invocation(instanceId: string, output: string | null) {
  const isAnswered = output !== null;
  const status = isAnswered ? 'Success' : 'InProgress';
  const plugin = {
    Name: 'collect',
    Status: status,
    StatusDetails: status,
    ResponseCode: isAnswered ? 0 : -1,
    ResponseStartDateTime: 1_795_383_469.118,
    ...(isAnswered ? { ResponseFinishDateTime: 1_795_383_470.218 } : {}),
    Output: output ?? '',
    StandardOutputUrl: '',
    StandardErrorUrl: '',
    OutputS3Region: 'us-west-2',
    OutputS3BucketName: '',
    OutputS3KeyPrefix: '',
  };
  return {
    CommandId: COMMAND_ID,
    InstanceId: instanceId,
    InstanceName: '',
    Comment: 'podtime collect',
    DocumentName: 'podtime-bench-collect',
    DocumentVersion: '$DEFAULT',
    RequestedDateTime: 1_795_383_468.9,
    Status: status,
    StatusDetails: status,
    StandardOutputUrl: '',
    StandardErrorUrl: '',
    CommandPlugins: [plugin],
    ServiceRole: '',
    NotificationConfig: { NotificationArn: '', NotificationEvents: [], NotificationType: '' },
    CloudWatchOutputConfig: { CloudWatchLogGroupName: '', CloudWatchOutputEnabled: false },
  };
}

function recordSets(servers: readonly ScaleHost[]): string {
  const record = (az: string, type: string, { instanceId }: ScaleHost, value: string) =>
    `<ResourceRecordSet><Name>ntp.az-${az}.${POD.zone.name}.</Name><Type>${type}</Type><SetIdentifier>${instanceId}</SetIdentifier><MultiValueAnswer>true</MultiValueAnswer><TTL>30</TTL><ResourceRecords><ResourceRecord><Value>${value}</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>`;
  const sets = servers.flatMap((server) => {
    const letter = server.az.slice(-1);
    return [record(letter, 'A', server, server.ipv4), record(letter, 'AAAA', server, server.ipv6)];
  });
  return listing(sets.toSorted().join(''));
}

function listing(sets: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<ListResourceRecordSetsResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ResourceRecordSets>${sets}</ResourceRecordSets><IsTruncated>false</IsTruncated><MaxItems>300</MaxItems></ListResourceRecordSetsResponse>`;
}
