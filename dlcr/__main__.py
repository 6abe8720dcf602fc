"""`python -m dlcr VERB`."""

from dlcr.cli import main

main()
