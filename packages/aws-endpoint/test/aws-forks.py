"""Runs the `aws` command many times without loading its modules each time: `aws-forks.py /usr/bin/aws`.

Each line of the input is a call: a JSON object of `words` and `env`. A fork of this process, which has the command's modules
loaded and nothing else done, runs the command's own file with these. The answer is a line of JSON: `status`, `stdout`, `stderr`.
"""

import gc
import json
import os
import runpy
import sys
import tempfile

# What the command loads in any case, and what it loads for the first call of a service.
import awscli.clidriver
import awscli.customizations.paginate
import awscli.handlers
import botocore.session  # noqa: F401
import distro

# Set by awscli as it is loaded: where its descriptions of the services are.
SET_BY_AWSCLI = {"AWS_DATA_PATH": os.environ["AWS_DATA_PATH"]}


def run(command, words, env):
    os.environ.clear()
    os.environ.update(env | SET_BY_AWSCLI)
    sys.argv = [command, *words]
    try:
        runpy.run_path(command, run_name="__main__")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def fork(command, words, env):
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            status = 1
            try:
                status = run(command, words, env)
                sys.stdout.flush()
                sys.stderr.flush()
            finally:
                os._exit(status)
        _, status = os.waitpid(child, 0)
        out.seek(0)
        err.seek(0)
        return {
            "status": os.waitstatus_to_exitcode(status),
            "stdout": out.read().decode(),
            "stderr": err.read().decode(),
        }


# The module keeps what the command puts into its User-Agent: it runs other programs to find it.
distro.major_version()
# The garbage collector would copy, in every fork, the pages of all that is loaded.
gc.freeze()
for line in sys.stdin:
    call = json.loads(line)
    print(json.dumps(fork(sys.argv[1], call["words"], call["env"])), flush=True)
