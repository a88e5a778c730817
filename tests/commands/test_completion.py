"""completion: the script, and what happens to those who ask for none."""

import pytest
from programs import Run


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_each_shell(run: Run, shell: str) -> None:
    done = run("completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    # Set before the command or by `set`, according to click's version.
    assert "_PYNETDB_COMPLETE" in done.stdout and f"{shell}_complete" in done.stdout


@pytest.mark.parametrize("arguments", [(), ("tcsh",)])
def test_another_shell_is_status_2(run: Run, arguments: tuple[str, ...]) -> None:
    done = run("completion", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "fish" in done.stderr
