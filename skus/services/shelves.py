"""Categories as an import names them: by the way to them, by their slug, or by a name that only one has."""

from collections import defaultdict

from skus import rows
from skus.models import Category
from skus.services import catalogue


class Shelves:
    def __init__(self):
        self.by_way, self.by_slug, self.by_name = {}, {}, defaultdict(list)
        self.ways = {}  # of the steps to each, by id
        categories = {category.pk: category for category in Category.objects.all()}
        for category in categories.values():
            steps, above = [category.name], category
            while above.parent_id and len(steps) <= len(categories):
                above = categories[above.parent_id]
                steps.insert(0, above.name)
            self.add(tuple(steps), category)

    def add(self, steps, category):
        self.ways[category.pk] = steps
        self.by_way[in_capitals(steps)] = category
        self.by_slug[category.slug] = category
        self.by_name[category.name.upper()].append(category)

    def text(self, category):
        return rows.category_text(self.ways[category]) if category else ""

    def find(self, steps):
        """The category, or None where there is none yet. `rows.BadCell` where it may be several."""
        if found := self.by_way.get(in_capitals(steps)):
            return found
        if len(steps) > 1:
            return None
        if found := self.by_slug.get(steps[0]):
            return found
        named = self.by_name.get(steps[0].upper(), ())
        if len(named) > 1:
            ways = ", ".join(sorted(self.text(category.pk) for category in named))
            raise rows.BadCell(
                f"There are {len(named)} categories of this name: {ways}. Write the whole way.", "ambiguous"
            )
        return named[0] if named else None

    def make(self, wanted, by):
        """All that are missing on these ways, level by level: a category lies in one that is there."""
        for depth in range(1, rows.DEEPEST + 1):
            missing = {in_capitals(steps[:depth]): steps[:depth] for steps in wanted if len(steps) >= depth}
            new = [steps for way, steps in missing.items() if way not in self.by_way]
            if new:
                named = [(steps[-1], self.by_way.get(in_capitals(steps[:-1]))) for steps in new]
                for steps, category in zip(new, catalogue.add_categories(named, by), strict=True):
                    self.add(steps, category)


def in_capitals(steps):
    return tuple(step.upper() for step in steps)
