"""One file a subcommand, same name: options in, one call, print."""
