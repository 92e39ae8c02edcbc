"""``python -m halueval`` is the ``halueval`` command."""

from halueval.cli import main

if __name__ == "__main__":
    main()
