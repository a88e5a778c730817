"""The thin socket layer; the only importer of socket and selectors."""
