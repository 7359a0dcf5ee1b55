// NTP queries from addresses of this namespace to others, all at once: `node probe.cjs MODE,FROM,TO …`.
// Prints a line for each, in their order: `answered` or `nothing`.
const dgram = require('node:dgram');

const WAIT_MS = 1500;

function ask(question) {
  const [mode, from, to] = question.split(',');
  // client: version 4, mode 3; control: version 2, mode 6, opcode 1 (read status), as ntpq sends it
  const packet = Buffer.alloc(mode === 'client' ? 48 : 12);
  packet[0] = mode === 'client' ? 0x23 : 0x16;
  if (mode !== 'client') packet[1] = 1;
  return new Promise((resolve) => {
    const socket = dgram.createSocket(from.includes(':') ? 'udp6' : 'udp4');
    const end = (word) => {
      socket.removeAllListeners().on('error', () => {});
      socket.close();
      clearTimeout(timer);
      resolve(word);
    };
    const timer = setTimeout(() => end('nothing'), WAIT_MS);
    socket.on('message', () => end('answered'));
    // a closed port says so
    socket.on('error', () => end('nothing'));
    socket.bind(0, from, () => socket.send(packet, 123, to));
  });
}

Promise.all(process.argv.slice(2).map(ask)).then((words) => console.log(words.join('\n')));
