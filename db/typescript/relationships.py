"""What may be embedded in what: foreign keys, as they show through views too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from db.typescript.queries import Key, Surface


@dataclass(frozen=True, order=True)
class Relationship:
    """A foreign key as one relation has it, by names."""

    key: str
    referenced_relation: str
    columns: tuple[str, ...]
    referenced_columns: tuple[str, ...]
    is_one_to_one: bool


class Relationships:
    """All of a surface, by relation.

    As PostgREST has them: a view that passes on all columns of a key, on either side of it, may
    stand where the table does.
    """

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        self._names = {
            (column.relation_id, column.number): column.name for column in surface.columns
        }

    def of(self, relation_id: int) -> list[Relationship]:
        """Those of one relation, sorted."""
        found = {
            Relationship(
                key.name,
                self._surface.relations[referenced].name,
                columns,
                referenced_columns,
                key.is_one_to_one,
            )
            for key in self._surface.keys
            for columns in self._names_in(relation_id, key.relation_id, key.columns)
            for referenced, referenced_columns in self._referenced(key)
        }
        return sorted(found)

    def _referenced(self, key: Key) -> Iterator[tuple[int, tuple[str, ...]]]:
        for relation_id in self._surface.relations:
            for names in self._names_in(relation_id, key.referenced_id, key.referenced_columns):
                yield relation_id, names

    def _names_in(
        self, relation_id: int, table_id: int, columns: list[int]
    ) -> Iterator[tuple[str, ...]]:
        """Every way this relation has the table's columns: at most one when it is the table."""
        ways = [
            [
                name
                for (relation, number), name in self._names.items()
                if relation == relation_id and self.source(relation, number) == (table_id, column)
            ]
            for column in columns
        ]
        yield from product(*ways)

    def source(self, relation_id: int, number: int) -> tuple[int, int]:
        """The table's column that a column is, through however many views."""
        relation = self._surface.relations.get(relation_id)
        origin = relation.origins.get(number) if relation and relation.is_view else None
        return self.source(*origin) if origin else (relation_id, number)
