"""The thin database layer: what is done to rows, over engines that do it.

The modules here know no SQL of a particular engine; each engine is a folder. May import rows and
narration. Must not know click, nor how results are printed.
"""
