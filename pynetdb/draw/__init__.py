"""Traces and journals as pictures: read, matched, laid out, written as SVG, a page, Mermaid or text.

`trace`, `endpoints`, `matching` and `sequence` make a sequence chart of what sockets did, `journal` a
timeline of what a journal holds; the rest writes them. May import db, narration and what is below. Must not
know click, sockets, or where the picture goes. Whatever a peer said is escaped by who writes it.
"""
