// Loaded into a pod that a test starts: when the test's process is gone, however it ended, the pod ends as by Ctrl-C.
process.stdin.once('close', () => process.kill(process.pid, 'SIGTERM'));
process.stdin.resume();
process.stdin.unref();
