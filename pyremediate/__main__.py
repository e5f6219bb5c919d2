"""``python -m pyremediate``."""

from pyremediate.cli import main

main()
