"""What reaches people's files: a decision is carried out in a spec document, what was learned is noted in it.

A document belongs to its author. One value of it is changed at a time and every other byte stays; nothing but
``_learned`` is changed without a person's word; whatever is changed is in the journal before it is in the file, and can
be undone from there.
"""
