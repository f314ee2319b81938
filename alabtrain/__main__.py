"""`python -m alabtrain` is `alabtrain`."""

from alabtrain.cli import main

if __name__ == "__main__":
    main()
