"""A certificate made for one run, by `openssl` or by the `cryptography` package."""

import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from pynetdb.errors import CommandLineError
from pynetdb.net.addresses import is_address

# It is for a class or a test; whoever needs it longer makes one by hand.
_DAYS = 30

# Others are no names of hosts; the server will find that out by itself.
_NAME = re.compile(r"[A-Za-z0-9_.:-]+")


class SelfSigned:
    """A certificate for `names` and its key, in files that are gone when the context ends.

    Raises CommandLineError if neither program nor package is there, or it fails.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = [name for name in names if _NAME.fullmatch(name)] or ["localhost"]

    def __enter__(self) -> "SelfSigned":
        with ExitStack() as stack:
            temporary = tempfile.TemporaryDirectory(prefix="pynetdb-", dir=_temporary_folder())
            self._folder = stack.enter_context(temporary)
            self.cert = os.path.join(self._folder, "cert.pem")
            self.key = os.path.join(self._folder, "key.pem")
            program = shutil.which("openssl")
            if program is not None:
                self._make_by_program(program)
            else:
                self._make_by_package()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    def _make_by_program(self, program: str) -> None:
        import subprocess

        # A configuration of our own: that of the system may be missing, or ask for more.
        config = os.path.join(self._folder, "openssl.cnf")
        alternatives = ",".join(f"{'IP' if is_address(name) else 'DNS'}:{name}" for name in self._names)
        with open(config, "w", encoding="ascii") as file:
            file.write(
                "[req]\nprompt=no\ndistinguished_name=dn\nx509_extensions=ext\n"
                "[dn]\nCN=pynetdb, self-signed\n"
                f"[ext]\nsubjectAltName={alternatives}\nbasicConstraints=critical,CA:TRUE\n"
                "keyUsage=critical,digitalSignature,keyCertSign\nextendedKeyUsage=serverAuth\n"
                "subjectKeyIdentifier=hash\n"
            )
        arguments = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        arguments += ["-days", str(_DAYS), "-config", config, "-keyout", self.key, "-out", self.cert]
        try:
            subprocess.run(
                [program, *arguments], stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=30
            )
        except (OSError, subprocess.SubprocessError) as error:
            said = getattr(error, "stderr", None) or str(error).encode()
            why = said.decode("utf-8", "replace").strip().splitlines()[-1:]
            raise CommandLineError(f"{program}: no certificate: {''.join(why)}") from error

    def _make_by_package(self) -> None:
        try:
            from cryptography import x509
            from cryptography.hazmat.primitives import hashes, serialization
            from cryptography.hazmat.primitives.asymmetric import ec
        except ImportError as error:
            raise CommandLineError(
                "a certificate of our own needs the program openssl, or: pip install 'pynetdb[tls]'"
            ) from error
        import datetime
        import ipaddress

        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "pynetdb, self-signed")])
        now = datetime.datetime.now(datetime.UTC)
        names: list[x509.GeneralName] = [
            x509.IPAddress(ipaddress.ip_address(name)) if is_address(name) else x509.DNSName(name)
            for name in self._names
        ]
        made = (
            x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(minutes=5))
            .not_valid_after(now + datetime.timedelta(days=_DAYS))
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_key_usage(x509), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .sign(key, hashes.SHA256())
        )
        with open(self.cert, "wb") as file:
            file.write(made.public_bytes(serialization.Encoding.PEM))
        with open(os.open(self.key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(
                key.private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                )
            )


def _key_usage(x509: Any) -> Any:
    """Return what the key is for: to sign handshakes, and its own certificate."""
    others = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "crl_sign")
    unused = dict.fromkeys((*others, "encipher_only", "decipher_only"), False)
    return x509.KeyUsage(digital_signature=True, key_cert_sign=True, **unused)


def _temporary_folder() -> str | None:
    """Return where a key may lie for a moment: in memory, where the system has such a place."""
    return "/dev/shm" if os.path.isdir("/dev/shm") and os.access("/dev/shm", os.W_OK) else None  # noqa: S108
