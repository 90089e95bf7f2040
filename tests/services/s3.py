"""A real S3 server (SeaweedFS) that checks signatures."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

from tests.services.processes import free_port, running

BUCKET = "cchc"
ACCESS_KEY = "cchc-test"
SECRET_KEY = "cchc-test-secret-key"


@dataclass(frozen=True)
class S3Server:
    """Where the server listens and what opens it."""

    endpoint: str
    bucket: str = BUCKET
    access_key: str = ACCESS_KEY
    secret_key: str = SECRET_KEY

    @property
    def storage(self) -> dict[str, object]:
        """A value for `STORAGES["default"]`."""
        return {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": self.bucket,
                "endpoint_url": self.endpoint,
                "region_name": "us-east-1",
                "access_key": self.access_key,
                "secret_key": self.secret_key,
                "addressing_style": "path",
                "signature_version": "s3v4",
                "default_acl": None,
                "file_overwrite": False,
                "max_memory_size": 1024 * 1024,
                "transfer_config": TransferConfig(multipart_threshold=64 * 1024 * 1024, use_threads=False),
            },
        }


def weed() -> str | None:
    """Path of the SeaweedFS program: a wheel puts it beside Python."""
    beside = Path(sys.executable).with_name("weed")
    return str(beside) if beside.exists() else shutil.which("weed")


@contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    """SeaweedFS with one bucket and one identity, keeping its data in `folder`."""
    program = weed()
    if program is None:
        raise FileNotFoundError("weed")
    identity = {
        "name": "cchc",
        "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    config = folder / "s3.json"
    config.write_text(json.dumps({"identities": [identity]}), encoding="utf-8")
    data = folder / "data"
    data.mkdir()
    port = free_port()
    ports = {f"-{part}.port={free_port()}" for part in ("master", "volume", "filer")}
    ports |= {f"-{part}.port.grpc={free_port()}" for part in ("master", "volume", "filer", "s3")}
    command = [
        program,
        "mini",
        f"-dir={data}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-s3.port={port}",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        f"-s3.config={config}",
        f"-bucket={BUCKET}",
        "-webdav=false",
        "-admin.ui=false",
        *sorted(ports),
    ]
    with running(command, port=port, log=folder / "weed.log", cwd=folder):
        server = S3Server(endpoint=f"http://127.0.0.1:{port}")
        _wait_for_bucket(server)
        yield server


def _wait_for_bucket(server: S3Server) -> None:
    """The port opens a moment before the bucket is made."""
    client = boto3.client(
        "s3",
        endpoint_url=server.endpoint,
        region_name="us-east-1",
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
        config=Config(s3={"addressing_style": "path"}),
    )
    client.get_waiter("bucket_exists").wait(Bucket=server.bucket, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
