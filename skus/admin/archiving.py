"""Taking a product, a customer, a supplier out of the shop, and back."""

from unfold.enums import ActionVariant

from boutique.admin import Verb


def archive_verbs(needs, archive, restore, *, meaning, back):
    return {
        "archive": Verb(
            needs=needs,
            service=archive,
            title="Archive",
            text=meaning,
            done="Archived.",
            icon="archive",
            variant=ActionVariant.DANGER,
        ),
        "restore": Verb(
            needs=needs,
            service=restore,
            title="Restore",
            text=back,
            done="Restored.",
            icon="unarchive",
            variant=ActionVariant.PRIMARY,
        ),
    }
