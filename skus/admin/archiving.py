"""Taking a product or a SKU out of the shop, and back."""

from unfold.enums import ActionVariant

from boutique.admin import Verb


def archive_verbs(noun, archive, restore, meaning):
    return {
        "archive": Verb(
            needs=f"skus.change_{noun}",
            service=archive,
            title="Archive",
            text=meaning,
            done="Archived.",
            icon="archive",
            variant=ActionVariant.DANGER,
        ),
        "restore": Verb(
            needs=f"skus.change_{noun}",
            service=restore,
            title="Restore",
            text="It can be sold again.",
            done="Restored.",
            icon="unarchive",
            variant=ActionVariant.PRIMARY,
        ),
    }
