// Runs one function from its deployed bundle as Lambda's runtime would: `node lambda.mjs MODULE`, events and answers by IPC.
import { randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';

const { handler } = await import(pathToFileURL(process.argv[2]));

process.on('message', async ({ event, timeoutSeconds }) => {
  const endsAt = Date.now() + timeoutSeconds * 1000;
  const context = { awsRequestId: randomUUID(), getRemainingTimeInMillis: () => endsAt - Date.now() };
  try {
    const answer = await handler(event, context);
    process.send({ answer, leftMs: context.getRemainingTimeInMillis() });
  } catch (error) {
    process.send({ failed: `${error.name}: ${error.message}`, leftMs: context.getRemainingTimeInMillis() });
  }
});
process.once('disconnect', () => process.exit());
process.send({ ready: true });
