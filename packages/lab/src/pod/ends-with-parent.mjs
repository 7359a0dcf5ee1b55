// Loaded first, by `node --import …/ends-with-parent.mjs?parent=PID`: the process ends when that one, its parent, is gone,
// however it died. The kernel then gives it another parent.
const parent = Number(new URL(import.meta.url).searchParams.get('parent'));
const LOOK_EVERY_MS = 500;

const look = () => {
  if (process.ppid !== parent) process.exit(1);
};
look();
setInterval(look, LOOK_EVERY_MS).unref();
