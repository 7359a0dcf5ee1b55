import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const SCRIPTS = join(import.meta.dirname, '..', '..', 'scripts', 'newer-daemons');
const onDebian = existsSync('/etc/debian_version') ? it : it.skip;

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'podtime-newer-'));
});
afterEach(() => rmSync(place, { recursive: true }));

/** The script's answer where Debian's tools say so. */
function unpack(script: string, tools: Record<string, string>, ...more: string[]) {
  for (const [name, text] of Object.entries(tools)) {
    writeFileSync(join(place, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(place, name), 0o755);
  }
  const folder = join(place, 'unpacked');
  const ran = spawnSync(join(SCRIPTS, script), [folder, ...more], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${place}:${process.env.PATH}` },
  });
  return { status: ran.status, stdout: ran.stdout, stderr: ran.stderr, unpacked: existsSync(folder) };
}

describe('unpacking newer daemons from an archive that has something else', () => {
  const candidates = (chrony: string) =>
    `case "$*" in *'policy chrony') echo '  Candidate: ${chrony}' ;; *) echo '  Candidate: 0-1' ;; esac`;

  onDebian.each<[string, Record<string, string>, string]>([
    [
      'another version',
      { 'apt-get': 'exit 0', 'apt-cache': candidates('4.7-1') },
      'trixie has chrony 4.7-1, and 4.6.1 is wanted: see what the newer one changes, then pin it here',
    ],
    [
      'a later version of the same beginning',
      { 'apt-get': 'exit 0', 'apt-cache': candidates('4.6.10-1') },
      'trixie has chrony 4.6.10-1, and 4.6.1 is wanted: see what the newer one changes, then pin it here',
    ],
    [
      'a revision of the version, and of the next package another',
      { 'apt-get': 'exit 0', 'apt-cache': candidates('4.6.1-9') },
      'trixie has ntpsec 0-1, and 1.2.3+dfsg1 is wanted: see what the newer one changes, then pin it here',
    ],
    ['no such package', { 'apt-get': 'exit 0', 'apt-cache': 'exit 0' }, 'trixie has no chrony, and 4.6.1 is wanted'],
    [
      'no answer',
      { 'apt-get': 'echo "Err:1 http://deb.debian.org/debian" >&2; echo "E: Could not resolve" >&2; exit 100' },
      "Debian's archive cannot be read for trixie: E: Could not resolve",
    ],
    [
      'a package that cannot be fetched',
      {
        'apt-get': 'case "$*" in *update) exit 0 ;; esac; echo "E: 404" >&2; exit 100',
        'apt-cache':
          'for package; do :; done; case $package in chrony) v=4.6.1-3 ;; ntpd-rs) v=1.4.0-6 ;; *) v=1.2.3+dfsg1-8 ;; esac; echo "  Candidate: $v"',
      },
      'packages of trixie cannot be fetched: E: 404',
    ],
  ])('%s: it says so and unpacks nothing', (_, tools, sentence) => {
    expect(unpack('install.sh', tools)).toEqual({
      status: 1,
      stdout: '',
      stderr: `newer daemons: ${sentence}\n`,
      unpacked: false,
    });
  });
});

describe('unpacking the chrony of testing where it cannot be had', () => {
  const candidate = (version: string) => `echo '  Candidate: ${version}'`;
  const fetched = 'case "$*" in *update) exit 0 ;; esac; echo "E: 404" >&2; exit 100';

  onDebian.each<[string, Record<string, string>, string]>([
    [
      'no answer',
      { 'apt-get': 'echo "E: Could not resolve" >&2; exit 100' },
      "Debian's archive cannot be read for testing: E: Could not resolve",
    ],
    ['no such package', { 'apt-get': 'exit 0', 'apt-cache': candidate('(none)') }, 'testing has no chrony'],
    ['no word of it', { 'apt-get': 'exit 0', 'apt-cache': 'exit 0' }, 'testing has no chrony'],
    [
      'one that is too old',
      { 'apt-get': 'exit 0', 'apt-cache': candidate('4.7-3') },
      'testing has chrony 4.7-3, and 4.8 is wanted',
    ],
    [
      'one that cannot be fetched',
      { 'apt-get': fetched, 'apt-cache': candidate('4.10-1') },
      'chrony 4.10-1 cannot be fetched: E: 404',
    ],
  ])('%s: it says so, unpacks nothing and fails nothing', (_, tools, sentence) => {
    const libraries = join(place, 'libraries');
    mkdirSync(libraries);
    writeFileSync(join(libraries, 'complete'), '');
    const stderr = `chrony of testing: ${sentence}\n`;
    expect(unpack('testing-chrony.sh', tools, libraries)).toEqual({ status: 0, stdout: '', stderr, unpacked: false });
  });

  onDebian('and nothing to run it on', () => {
    const libraries = join(place, 'libraries');
    const stderr = `chrony of testing: there are no newer daemons in ${libraries} on whose libraries it could run\n`;
    expect(unpack('testing-chrony.sh', {}, libraries)).toEqual({ status: 0, stdout: '', stderr, unpacked: false });
  });
});
