"""`python -m dasl`: the shell commands. Results go to stdout, progress and messages to stderr."""

from dasl.commands import main

if __name__ == "__main__":
    raise SystemExit(main())
