"""Reading the same rows again and again without building the query each time.

For the most frequent write of the product Django takes longer to put its SELECT into words than the database takes to
answer it. A `Statement` is a queryset that is put into words once; what differs from run to run is `Given`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models import Expression, Field, QuerySet
from django.db.models.query import ModelIterable
from django.db.transaction import TransactionManagementError

M = TypeVar("M", bound=models.Model)


class Given(Expression):
    """A value that is given when the statement runs, by `name`, as `field` stores it."""

    def __init__(self, name: str, field: Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """A placeholder, and this in the place of its value."""
        return "%s", [self]


class Statement(Generic[M]):
    """What `build` reads, with related rows and annotations; the values of its `Given`s are told to `rows`."""

    def __init__(self, build: Callable[[], QuerySet[M]]) -> None:
        self._build = build
        self._compiled: tuple[QuerySet[M], Any, str, Sequence[Any]] | None = None

    def rows(self, **values: Any) -> list[M]:
        """The rows, one query.

        Raises KeyError where the value of a `Given` is missing, TransactionManagementError where the statement locks
        rows outside a transaction.
        """
        connection = connections[DEFAULT_DB_ALIAS]
        queryset, compiled, sql, wanted = self._compile()
        if compiled.query.select_for_update and not connection.in_atomic_block:
            raise TransactionManagementError("rows are locked in a transaction only")
        params = tuple(
            part.output_field.get_db_prep_value(values[part.name], connection) if isinstance(part, Given) else part
            for part in wanted
        )
        compiler = copy(compiled)
        compiler.connection = connection
        compiler.as_sql = lambda *_args, **_kwargs: (sql, params)
        run = queryset.all()
        run.query.get_compiler = lambda *_args, **_kwargs: compiler  # type: ignore[method-assign]
        return list(ModelIterable(run))

    def _compile(self) -> tuple[QuerySet[M], Any, str, Sequence[Any]]:
        if self._compiled is None:
            queryset = self._build()
            compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
            sql, params = compiler.as_sql()
            self._compiled = (queryset, compiler, sql, params)
        return self._compiled
