"""What the user wants of every response."""

from pynetdb.servers.http.policy import CommonFields, Policy
from pynetdb.servers.http.response import Response


def test_own_fields_replace_ours_and_vary_says_more() -> None:
    own = [("content-type", "text/x"), ("Vary", "Origin"), ("Link", "<a>"), ("Link", "<b>")]
    common = CommonFields(Policy(fields=own))
    got = common.add_own(Response(200, [("Content-Type", "text/plain"), ("Vary", "Accept"), ("ETag", '"x"')]))
    assert got.fields == [
        ("ETag", '"x"'),
        ("content-type", "text/x"),
        ("Link", "<a>"),
        ("Link", "<b>"),
        ("Vary", "Accept, Origin"),
    ]
    assert common.add_own(Response(204, [])).fields[-1] == ("Vary", "Origin")


def test_pages_of_other_sites_may_read_what_they_need() -> None:
    fields = dict(CommonFields(Policy(cors=True, fields=[("X-Team", "a")])).of_files)
    exposed = fields["Access-Control-Expose-Headers"].split(", ")
    assert {"Content-Range", "ETag", "Accept-Ranges", "X-Team"} <= set(exposed)
    assert "Access-Control-Expose-Headers" not in dict(CommonFields(Policy()).of_files)


def test_errors_are_not_kept_however_long_files_are() -> None:
    common = CommonFields(Policy(cache=120))
    assert dict(common.of_files)["Cache-Control"] == "max-age=120"
    assert dict(common.of_errors)["Cache-Control"] == "no-cache"
