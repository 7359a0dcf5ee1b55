/**
 * Hosts' way to the API: inside the namespace it listens at the addresses given and passes every connection on to a Unix
 * socket, where the process that started it answers. Ends with its standard input.
 * Usage: node api-relay.mjs SOCKET PORT ADDRESS...
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const [socketPath, port, ...addresses] = process.argv.slice(2);

/** @param {import('node:net').Socket} caller */
function passOn(caller) {
  const answerer = connect(socketPath);
  for (const [from, to] of [
    [caller, answerer],
    [answerer, caller],
  ]) {
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
    from.pipe(to);
  }
}

process.stdin.on('end', () => process.exit(0)).resume();
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {});
for (const address of addresses) {
  const server = createServer({ allowHalfOpen: true }, passOn);
  server.listen({ host: address, port: Number(port), ipv6Only: address.includes(':') });
  await once(server, 'listening');
}
console.log('listening');
