// Runs one function from its deployed bundle as Lambda's runtime would: `node lambda.mjs MODULE`, events and answers by IPC.
import { randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';

const { handler } = await import(pathToFileURL(process.argv[2]));

process.on('message', async ({ event, timeoutSeconds }) => {
  const endsAt = Date.now() + timeoutSeconds * 1000;
  const context = { awsRequestId: randomUUID(), getRemainingTimeInMillis: () => endsAt - Date.now() };
  try {
    process.send({ answer: await handler(event, context) });
  } catch (error) {
    process.send({ failed: `${error.name}: ${error.message}` });
  }
});
process.once('disconnect', () => process.exit());
process.send({ ready: true });
