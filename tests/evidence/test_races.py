"""The same content sent by several people at once is stored once, on both databases."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from django.db import connection

from evidence import services, storage
from evidence.models import Blob
from tests.evidence import files

PEOPLE = 8


@pytest.mark.django_db(transaction=True)
def test_same_content_at_once_is_one_blob_and_one_file(media_root: Path) -> None:
    start = Barrier(PEOPLE)

    def send(number: int) -> int:
        try:
            start.wait(10)
            return services.receive(io.BytesIO(files.PDF), filename=f"{number}.pdf").blob.pk
        finally:
            connection.close()

    with ThreadPoolExecutor(PEOPLE) as pool:
        blobs = set(pool.map(send, range(PEOPLE)))
    assert blobs == {Blob.objects.get().pk}
    assert list(storage.stored_keys()) == [Blob.objects.get().key]
    with storage.open_blob(Blob.objects.get()) as file:
        assert file.read() == files.PDF
