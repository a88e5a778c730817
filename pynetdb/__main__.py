"""`python -m pynetdb`."""

from pynetdb.cli import main

if __name__ == "__main__":
    main()
