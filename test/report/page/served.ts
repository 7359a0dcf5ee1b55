import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ListCommandInvocationsCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
import { addHost, BUCKET } from '@podtime/aws-endpoint/testing';
import { s3Client } from '../../../src/aws/clients.ts';
import { s3Reports } from '../../../src/aws/reports.ts';
import type { Report } from '../../../src/report/report.ts';
import { loggedCalls } from '../../builders/aws-call.ts';
import { type Kept, keepHistory, type RowAt } from '../../builders/kept-history.ts';
import { CONTEXT, fromVpc, type HttpHandler, OPERATOR_VPC, proxyEvent } from '../../handlers/gateway.ts';
import { localAws } from '../../handlers/local-aws.ts';

/** The status function behind a real HTTP server, over reports in a bucket. */
export interface Served {
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** Makes it the pod's last report, as if the tick had begun a minute and a half ago. */
  write(report: Report): Promise<void>;
  /** Keeps rows of a host, as ticks would have. */
  keep(kept: Kept, rowAt: RowAt): Promise<void>;
  /** Runs a document of podtime's on a host, which prints this; answers the command's id. */
  print(instanceId: string, document: 'collect' | 'cycle', stdout: string, comment?: string): Promise<string>;
  /** Through which VPC callers come from now on. */
  comeFrom(vpc: string): void;
  close(): Promise<void>;
}

export const AGE_MS = 95_000;

export async function serveStatus(): Promise<Served> {
  const { bench, close } = await localAws();
  // the product's own, which asks again when a connection that was idle while a browser looked is gone
  const s3 = s3Client();
  const { handler } = await import('../../../handlers/status.ts');
  let vpc = OPERATOR_VPC;
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://gateway');
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const query = searchParams.size === 0 ? null : Object.fromEntries(searchParams);
    const { resource, parameters } = routeOf(pathname);
    const event = fromVpc(vpc, proxyEvent(request.method ?? '', parameters, headers, resource, query));
    (handler as HttpHandler)(event, CONTEXT).then(
      ({ statusCode, headers: answered, body }) =>
        response.writeHead(statusCode, answered as Record<string, string>).end(body),
      (error) => response.writeHead(502).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    write: (report) => writeReport(s3, report),
    keep: (kept, rowAt) => keepHistory(s3, BUCKET, kept, rowAt),
    async print(instanceId, document, stdout, comment = 'podtime test') {
      const exitCode = stdout.startsWith('verdict failed') ? 1 : 0;
      const agent = bench.agents.get(instanceId) ?? addHost(bench, instanceId);
      agent.run = async () => ({ exitCode, stdout, stderr: '', timedOut: false });
      const DocumentName = process.env[`${document.toUpperCase()}_DOCUMENT`] ?? '';
      const sent = await bench.ssm.send(
        new SendCommandCommand({ DocumentName, InstanceIds: [instanceId], Comment: comment }),
      );
      const CommandId = sent.Command?.CommandId ?? '';
      await bench.clock.advance(60_000);
      // the first look at a command finds nothing
      await bench.ssm.send(new ListCommandInvocationsCommand({ CommandId }));
      return CommandId;
    },
    comeFrom: (from) => {
      vpc = from;
    },
    async close() {
      s3.destroy();
      await new Promise((resolve) => server.close(resolve));
      await close();
    },
  };
}

function routeOf(pathname: string): { resource: string; parameters: Record<string, string> | null } {
  const parts = pathname.slice(1).split('/').map(decodeURIComponent);
  const [pod = '', second = '', id] = parts;
  if (parts.length === 1) return { resource: pathname, parameters: null };
  if (id !== undefined) return { resource: '/{pod}/hosts/{id}', parameters: { pod, id } };
  return { resource: `/{pod}/${second}`, parameters: { pod } };
}

async function writeReport(s3: ReturnType<typeof s3Client>, report: Report): Promise<void> {
  const laterMs = Date.now() - AGE_MS - report.startedAtMs;
  const day = report.day?.map((point) => ({ ...point, atMs: point.atMs + laterMs }));
  const { startedAtMs, endedAtMs } = report;
  const moved = { startedAtMs: startedAtMs + laterMs, endedAtMs: endedAtMs + laterMs };
  await s3Reports(s3, BUCKET, loggedCalls().call).write({ ...report, ...moved, ...(day && { day }) });
}
