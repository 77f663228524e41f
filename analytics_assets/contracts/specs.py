"""Spec documents: what is run."""

from analytics_assets.contracts.model import Contract, Identity, integer, mapping, real, text

SPECS = Contract(
    kind="specs",
    grain="One row per version of a spec document.",
    identity=Identity.ENTITY,
    key=("id",),
    time_field=None,
    fields=(
        text("id", "Key of the spec.", required=True),
        text("version", "The author's version."),
        text("spec_type", "Family of the spec."),
        mapping("tasks", "The tasks, as a JSON list."),
        integer("task_count", "How many tasks it has.", minimum=0),
        real("complexity", "In the author's own scale."),
        mapping("resources", "Memory and CPU, as a JSON object."),
        text("memory_limit", "Memory out of resources, as 4Gi."),
        text("cpu_limit", "CPU out of resources, as 500m."),
        text("model", "Model it asks for."),
        text("fingerprint", "SHA-256 of the document without what we learned."),
        text("path", "File of the document."),
    ),
)
"""Documents of ``specs`` and ``inbox/specs``, not lines; ``task_count``, the limits, ``fingerprint`` and ``path``
are derived when a document is read."""
