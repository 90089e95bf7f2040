"""Reading the digital signatures of one PDF, in a process of its own: `python -m evidence.signature_reader`.

A PDF comes from outside and its readers are large. So this runs apart from the site, with a limit on memory and
processor time that the kernel holds, reads the file from standard input (a seekable one) and prints JSON. It knows
no framework and asks no network; what it cannot read is said to be unreadable.
"""

from __future__ import annotations

import json
import resource
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

MAX_SIGNATURES: Final = 20
MAX_MEMORY: Final = 768 * 1024 * 1024
MAX_SECONDS: Final = 15
_MAX_TEXT: Final = 200


def limit_this_process() -> None:
    """No more than MAX_MEMORY bytes of address space and MAX_SECONDS of processor time from here on."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read(file: BinaryIO, roots: list[Any], now: datetime) -> list[dict[str, Any]]:
    """What each signature of `file` says, in the order of signing; raises whatever a broken file makes pyHanko raise.

    `roots` are the certificates that are trusted; without any the chain of a signer is not judged. `now` (UTC instant)
    is when a signature is judged that names no time.
    """
    from pyhanko.pdf_utils.crypt import AuthStatus
    from pyhanko.pdf_utils.reader import PdfFileReader

    reader = PdfFileReader(file, strict=False)
    if reader.encrypted and reader.decrypt("").status == AuthStatus.FAILED:
        raise ValueError("the file asks for a password")
    return [_one(signature, roots, now) for signature in reader.embedded_regular_signatures[:MAX_SIGNATURES]]


def _one(signature: Any, roots: list[Any], now: datetime) -> dict[str, Any]:
    subject = signature.signer_cert.subject.native
    issuer = signature.signer_cert.issuer.native
    facts: dict[str, Any] = {
        "signer": _text(subject.get("common_name")),
        "organisation": _text(subject.get("organization_name")),
        "issuer": _text(issuer.get("common_name") or issuer.get("organization_name")),
        "signed_at": _instant(signature.self_reported_timestamp),
        "time_source": "claimed" if signature.self_reported_timestamp else "",
        "integrity": "unchecked",
        "trust": "unchecked",
        "time_trust": "unchecked",
    }
    try:
        facts.update(_judged(signature, roots, now))
    except Exception as error:  # one signature of an unknown kind must not hide the others
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
    return facts


def _judged(signature: Any, roots: list[Any], now: datetime) -> dict[str, Any]:
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.settings import KeyUsageConstraints
    from pyhanko_certvalidator import ValidationContext

    # A certificate that has run out since was good when it signed.
    context = ValidationContext(
        trust_roots=roots,
        moment=_moment(signature) or now,
        allow_fetching=False,
        revocation_mode="soft-fail",
    )
    status = validate_pdf_signature(
        signature,
        signer_validation_context=context,
        key_usage_settings=KeyUsageConstraints(
            key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False
        ),
    )
    found: dict[str, Any] = {"integrity": _integrity(status)}
    if roots:
        found["trust"] = "trusted" if status.trusted else "untrusted"
    token = status.timestamp_validity
    if token is not None and token.intact and token.valid:
        found.update(signed_at=_instant(token.timestamp), time_source="token")
        if roots:
            found["time_trust"] = "trusted" if token.trusted else "untrusted"
    return found


def _moment(signature: Any) -> datetime | None:
    for attribute in signature.signer_info["unsigned_attrs"]:
        if attribute["type"].native == "signature_time_stamp_token":
            token = attribute["values"][0]["content"]
            stamped: datetime = token["encap_content_info"]["content"].parsed["gen_time"].native
            return stamped
    claimed: datetime | None = signature.self_reported_timestamp
    if claimed is not None and claimed.tzinfo is not None:
        return claimed
    return None


def _integrity(status: Any) -> str:
    """`broken`: the signed bytes or the signature were altered; `changed`: something was added that was not allowed."""
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    if not (status.intact and status.valid):
        return "broken"
    whole = status.coverage is not None and status.coverage >= SignatureCoverageLevel.ENTIRE_REVISION
    if not whole or status.docmdp_ok is False or status.modification_level == ModificationLevel.OTHER:
        return "changed"
    return "intact"


def _text(value: Any) -> str:
    """A name of a certificate on one line; several values stand one after another."""
    words = ", ".join(str(part) for part in value) if isinstance(value, list) else str(value or "")
    return " ".join("".join(sign if sign.isprintable() else " " for sign in words).split())[:_MAX_TEXT]


def _instant(value: datetime | None) -> str | None:
    """ISO 8601 in UTC; a time without a zone says nothing and is left out."""
    if value is None or value.tzinfo is None:
        return None
    return value.astimezone(UTC).isoformat()


def load_roots(folder: str) -> list[Any]:
    """The certificates (PEM or DER) in the files of `folder`, or in the one file that it names."""
    from pyhanko.keys import load_certs_from_pemder

    if not folder:
        return []
    place = Path(folder)
    files = sorted(file for file in place.iterdir() if file.is_file()) if place.is_dir() else [place]
    return list(load_certs_from_pemder([str(file) for file in files]))


def main() -> None:
    """Print {"signatures": [...]}, or {"error": name} where the file cannot be read."""
    limit_this_process()
    now = datetime.fromisoformat(sys.argv[2])
    try:
        answer: dict[str, Any] = {"signatures": read(sys.stdin.buffer, load_roots(sys.argv[1]), now)}
    except Exception as error:  # whatever a hostile file provokes is told in one word
        answer = {"error": type(error).__name__}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
