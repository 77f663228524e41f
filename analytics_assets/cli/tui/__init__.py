"""``analytics tui``: what stands badly, what is suggested and why, in a terminal that follows each publication.

``view`` asks the published version, ``app`` shows it, ``dialogs`` ask before anything is changed. Textual is imported
here and nowhere else.
"""
