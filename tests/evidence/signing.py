"""Real signed PDFs: a certificate authority of our own, an officer, a seal and a time stamping service under it."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from functools import cache
from unittest import mock

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.signers import pdf_signer
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

FROM = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
UNTIL = dt.datetime(2035, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Holder:
    """Somebody with a certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def asn1(self) -> asn1_x509.Certificate:
        return asn1_x509.Certificate.load(self.certificate.public_bytes(serialization.Encoding.DER))

    @property
    def asn1_key(self) -> asn1_keys.PrivateKeyInfo:
        return asn1_keys.PrivateKeyInfo.load(
            self.key.private_bytes(
                serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )


def _name(common: str, organisation: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def holder(common: str, organisation: str, *, issuer: Holder | None = None, stamps: bool = False) -> Holder:
    """A certificate signed by `issuer`, or by itself; `stamps`: for time stamps and nothing else."""
    # pyHanko's own stamping service signs with RSA only.
    key = rsa.generate_private_key(65537, 2048) if stamps else ec.generate_private_key(ec.SECP256R1())
    name = _name(common, organisation)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.certificate.subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(FROM)
        .not_valid_after(UNTIL)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(_usage(authority=issuer is None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if stamps:
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return Holder(made.sign(issuer.key if issuer else key, hashes.SHA256()), key)


@cache
def authority() -> Holder:
    return holder("CA thử nghiệm", "Ban Cơ yếu thử nghiệm")


@cache
def officer() -> Holder:
    return holder("Nguyễn Thị Lan", "Sở Nội vụ", issuer=authority())


@cache
def seal() -> Holder:
    return holder("Sở Nội vụ", "UBND tỉnh Thử Nghiệm", issuer=authority())


@cache
def stamper() -> Holder:
    return holder("TSA thử nghiệm", "Ban Cơ yếu thử nghiệm", issuer=authority(), stamps=True)


def pdf(pages: int = 1) -> bytes:
    """An unsigned PDF of empty pages."""
    writer = PdfFileWriter()
    for _page in range(pages):
        contents = writer.add_object(generic.StreamObject(stream_data=b""))
        writer.insert_page(
            PageObject(contents=contents, media_box=generic.ArrayObject(map(generic.NumberObject, (0, 0, 595, 842))))
        )
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def sign(
    content: bytes,
    *,
    at: dt.datetime,
    by: Holder | None = None,
    stamped_at: dt.datetime | None = None,
    field: str = "Chu-ky-1",
) -> bytes:
    """`content` signed by a holder whose machine says that it is `at`; `stamped_at`: with a time stamp of that hour."""
    who = by or officer()
    store = SimpleCertificateStore()
    store.register(authority().asn1)
    signer = signers.SimpleSigner(signing_cert=who.asn1, signing_key=who.asn1_key, cert_registry=store)
    clock = None
    if stamped_at is not None:
        clock = DummyTimeStamper(
            stamper().asn1, stamper().asn1_key, certs_to_embed=store, fixed_dt=stamped_at, include_nonce=True
        )
    out = io.BytesIO()
    with mock.patch.object(pdf_signer, "datetime") as machine:
        machine.now.return_value = at
        signers.PdfSigner(
            signers.PdfSignatureMetadata(field_name=field, md_algorithm="sha256"), signer=signer, timestamper=clock
        ).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(content)), output=out)
    return out.getvalue()


def altered(content: bytes) -> bytes:
    """A signed PDF of which one byte under the signature is another one."""
    assert b"595" in content
    return content.replace(b"595", b"596", 1)


def added_to(content: bytes) -> bytes:
    """A signed PDF to which a page was added afterwards."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    contents = writer.add_object(generic.StreamObject(stream_data=b""))
    writer.insert_page(
        PageObject(contents=contents, media_box=generic.ArrayObject(map(generic.NumberObject, (0, 0, 595, 842))))
    )
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
