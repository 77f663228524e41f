"""What a repository says of its files at a moment, and in which words it does not."""

from __future__ import annotations

import os
import statistics

import pytest

from analytics_assets.repository.contents import measured
from analytics_assets.repository.git import Git, RepositoryError
from analytics_assets.repository.history import FileFacts, file_history
from analytics_assets_tests.repository.worked import Worked, day, fast_import


@pytest.fixture
def worked(tmp_path):
    return Worked(tmp_path / "code")


def look(worked, number, **options):
    """Facts by path on one day."""
    return file_history(worked.folder, {day(number): ()}, **options).at[day(number)].facts


def test_the_figures_of_a_file_are_those_of_its_last_commit_before_the_moment(worked):
    worked.commit(0, {"a.py": "if x:\n    y\n"})
    worked.commit(100, {"a.py": "if x:\n    y\n    z\n        q\n"})
    worked.commit(101, {"a.py": "later\n"})
    assert look(worked, 100.5)["a.py"] == FileFacts(
        lines=4, age_days=100.5, complexity=statistics.pstdev([0, 1, 1, 2]), changes_90d=1, lines_grown_90d=2
    )
    assert look(worked, 101)["a.py"].lines_grown_90d == -1


def test_nothing_of_the_future_is_in_the_past(worked):
    worked.commit(0, {"a.py": "1\n"})
    worked.commit(10, {"b.py": "1\n"})
    before = look(worked, 20)
    worked.commit(21, {"a.py": "1\n" * 50, "b.py": None, "c.py": "new\n"})
    assert look(worked, 20) == before
    assert look(worked, -1) == {}


def test_several_moments_are_read_as_each_alone(worked):
    for number in range(0, 50, 10):
        worked.commit(number, {"a.py": "x\n" * (number + 1), f"{number}.py": "1\n"})
    moments = {day(number): () for number in (0, 5, 25, 49)}
    together = file_history(worked.folder, moments).at
    assert together == {moment: file_history(worked.folder, {moment: ()}).at[moment] for moment in moments}
    assert [len(tree.facts) for tree in together.values()] == [2, 2, 4, 6]


def test_a_renamed_file_keeps_its_age_and_its_changes(worked):
    text = "".join(f"line {n}\n" for n in range(20))
    worked.commit(0, {"old.py": text})
    worked("mv", "old.py", "new.py")
    worked.commit(10, {})
    facts = look(worked, 20)
    assert list(facts) == ["new.py"]
    assert (facts["new.py"].age_days, facts["new.py"].changes_90d) == (20, 2)


def test_two_files_that_swap_their_names_swap_their_ages(worked):
    worked.commit(0, {"a": "".join(f"first {n}\n" for n in range(30))})
    worked.commit(5, {"b": "".join(f"second {n}\n" for n in range(30))})
    for old, new in (("a", "c"), ("b", "a"), ("c", "b")):
        worked("mv", old, new)
    worked.commit(6, {})
    facts = look(worked, 10)
    # Git sees two files whose contents changed, unless it is told to break them apart: ages stay with the names.
    assert {path: facts[path].age_days for path in "ab"} == {"a": 10, "b": 5}


@pytest.mark.parametrize(
    "name",
    ['quo"te.py', "new\nline.py", "täb\tü.py", "日本.md", " space ", "-dash", "\x01head", "dir/ö/x", "$(touch x).py"],
)
def test_a_file_of_any_name_is_read(worked, name):
    worked.commit(0, {name: "x\n"})
    worked("mv", "--", name, "other")
    worked("mv", "--", "other", name)
    worked.commit(1, {name: "x\ny\n"})
    assert look(worked, 2)[name].lines == 2


def test_a_rename_to_an_odd_name_is_followed(worked):
    worked.commit(0, {"plain": "a\n" * 30})
    worked("mv", "plain", "1\t1\tnew\nname")
    worked.commit(1, {})
    assert look(worked, 2)["1\t1\tnew\nname"].age_days == 2


def test_a_name_that_is_no_text_becomes_one(worked):
    with open(os.fsencode(worked.folder) + b"/\xff.py", "wb") as file:  # noqa: PTH123 - a path is text
        file.write(b"x\n")
    worked.commit(0, {})
    assert look(worked, 1)["�.py"].lines == 1


def test_a_binary_file_and_a_very_large_one_have_no_lines_but_changes(worked):
    worked.commit(0, {"bin": b"\0\1\2", "large": "x\n" * (2**20), "empty": ""})
    facts = look(worked, 1)
    assert [(facts[name].lines, facts[name].complexity) for name in ("bin", "large", "empty")] == [
        (None, None),
        (None, None),
        (0, 0.0),
    ]
    assert facts["bin"].changes_90d == 1


def test_a_link_and_a_submodule_are_no_files(worked):
    (worked.folder / "link").symlink_to("/etc/passwd")
    worked.commit(0, {"a": "x\n"})
    worked("update-index", "--add", "--cacheinfo", f"160000,{worked('rev-parse', 'HEAD')},module")
    worked("commit", "--quiet", "--message=module")
    assert set(look(worked, 1)) == {"a"}


def test_a_merge_is_when_the_main_line_got_it(worked):
    worked.commit(0, {"a": "x\n"})
    worked("checkout", "--quiet", "-b", "side")
    worked.commit(5, {"b": "x\n"})
    worked("checkout", "--quiet", "main")
    worked.commit(6, {"a": "y\n"})
    worked("merge", "--quiet", "--no-ff", "--message=merge", "side", number=20)
    assert set(look(worked, 10)) == {"a"}
    assert look(worked, 25)["b"].age_days == 5


def test_a_commit_dated_before_its_parent_is_known_with_its_parent(worked):
    worked.commit(10, {"a": "x\n"})
    worked.commit(3, {"b": "x\n"})
    assert look(worked, 5) == {}
    assert look(worked, 12)["b"].age_days == 2


def test_named_files_come_first_and_then_the_most_changed(worked):
    worked.commit(0, dict.fromkeys("abcd", "x\n"))
    worked.commit(1, {"c": "y\n"})
    history = file_history(worked.folder, {day(2): {("d", day(1)), ("gone", day(1))}}, max_files=3)
    assert list(history.at[day(2)].facts) == ["d", "c", "a"]
    assert history.at[day(2)].paths == set("abcd")
    assert [history.path_at(path, day(1), day(2)) for path in ("b", "gone")] == ["b", None]


def test_a_file_that_was_named_by_an_earlier_path_comes_first_too(worked):
    worked.commit(0, {"old": "".join(f"line {n}\n" for n in range(20)), "a": "x\n"})
    worked("mv", "old", "z")
    worked.commit(1, {"a": "y\n"})
    worked.commit(2, {"a": "z\n"})
    history = file_history(worked.folder, {day(3): {("old", day(0))}}, max_files=1)
    assert list(history.at[day(3)].facts) == ["z"]
    assert history.path_at("old", day(0), day(3)) == "z"


def test_before_the_first_commit_a_file_has_the_name_that_it_was_given(worked):
    worked.commit(5, {"a": "x\n"})
    history = file_history(worked.folder, {day(1): (), day(6): ()})
    assert history.path_at("b", day(0), day(1)) == "b"
    assert history.path_at("b", day(0), day(6)) is None


def test_a_bare_repository_is_read(tmp_path, worked):
    worked.commit(0, {"a": "x\n"})
    bare = tmp_path / "bare.git"
    worked("clone", "--quiet", "--bare", ".", str(bare))
    assert set(file_history(bare, {day(1): ()}).at[day(1)].facts) == {"a"}


def test_a_shallow_clone_and_a_cut_history_are_said(tmp_path, worked):
    for number in range(4):
        worked.commit(number, {"a": f"{number}\n"})
    worked("clone", "--quiet", "--depth=2", f"file://{worked.folder}", str(tmp_path / "shallow"))
    shallow = file_history(tmp_path / "shallow", {day(5): ()})
    assert "shallow" in shallow.notes[0]
    assert shallow.at[day(5)].facts["a"].age_days == 3
    assert file_history(worked.folder, {day(5): ()}).notes == ()
    cut = file_history(worked.folder, {day(5): ()}, max_commits=2)
    assert "newest 2 commits" in cut.notes[0]
    assert cut.at[day(5)].facts["a"].age_days == 3


def test_a_folder_without_a_repository_of_its_own_is_refused_in_words(tmp_path, worked):
    worked.commit(0, {"sub/a": "x\n"})
    (tmp_path / "plain").mkdir()
    for folder, words in {
        tmp_path / "nowhere": "is not a folder",
        tmp_path / "plain": "is no git repository",
        worked.folder / "sub": "is within the repository",
    }.items():
        with pytest.raises(RepositoryError, match=words) as refused:
            file_history(folder, {day(1): ()})
        assert str(tmp_path) not in refused.value.problem


def test_a_repository_without_a_commit_is_refused_in_words(worked):
    with pytest.raises(RepositoryError, match="has no commit yet"):
        file_history(worked.folder, {day(1): ()})


def test_without_git_the_words_say_so(worked, monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(RepositoryError, match="git is not installed"):
        file_history(worked.folder, {day(1): ()})


def test_a_repository_of_another_user_is_refused_with_the_remedy(worked):
    error = Git(worked.folder, 9)._error("fatal: detected dubious ownership in repository at 'x'")
    assert f"git config --global --add safe.directory {worked.folder}" in str(error)
    assert error.problem == "another user owns it"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_repository_given_to_another_user_is_refused_by_git_itself(worked, monkeypatch, tmp_path):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    worked.commit(0, {"a": "x\n"})
    for path in (worked.folder, worked.folder / ".git"):
        os.chown(path, 12345, 12345)
    with pytest.raises(RepositoryError, match=r"safe\.directory"):
        file_history(worked.folder, {day(1): ()})


def test_a_damaged_repository_is_refused_in_gits_own_words(worked):
    worked.commit(0, {"a": "x\n"})
    objects = worked.folder / ".git" / "objects"
    tree = worked("rev-parse", "HEAD^{tree}")
    (objects / tree[:2] / tree[2:]).unlink()
    with pytest.raises(RepositoryError, match="git cannot read"):
        file_history(worked.folder, {day(1): ()})


def test_a_content_that_is_missing_is_said(worked):
    worked.commit(0, {"a": "x\n", "b": "y\n"})
    blob = worked("rev-parse", "HEAD:b")
    (worked.folder / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(RepositoryError, match=r"git cannot read|lacks the content"):
        file_history(worked.folder, {day(1): ()})


def test_reading_ends_at_its_time(worked):
    worked.commit(0, {"a": "x\n"})
    with pytest.raises(RepositoryError, match="took longer than 0 s"):
        file_history(worked.folder, {day(1): ()}, seconds=0)


def test_nothing_that_a_repository_configures_is_run(worked, tmp_path, monkeypatch):
    ran = tmp_path / "ran"
    tool = tmp_path / "tool"
    tool.write_text(f"#!/bin/sh\ntouch {ran}\ncat\n")
    tool.chmod(0o755)
    worked.commit(0, {"a": "x\n", ".gitattributes": "* diff=evil filter=evil\n"})
    for key in (
        *("core.fsmonitor", "core.pager", "pager.log", "diff.external", "diff.evil.command", "diff.evil.textconv"),
        *("filter.evil.smudge", "filter.evil.clean", "gpg.program", "core.sshCommand", "core.editor"),
    ):
        worked("config", key, str(tool))
    worked("config", "log.showSignature", "true")
    worked("config", "core.hooksPath", str(tmp_path))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(tool))
    monkeypatch.setenv("GIT_DIR", str(tmp_path))
    assert look(worked, 1)["a"].lines == 1
    assert not ran.exists()


def test_reading_writes_nothing(worked):
    worked.commit(0, {"a": "x\n"})
    git = worked.folder / ".git"
    before = {path: path.stat().st_mtime_ns for path in git.rglob("*")}
    look(worked, 1)
    assert {path: path.stat().st_mtime_ns for path in git.rglob("*")} == before


def test_a_year_of_commits_is_read_as_git_itself_counts_it(tmp_path):
    fast_import(tmp_path / "code", [(n / 4, {f"f{n % 40}.py": "x\n" * (n + 1)}) for n in range(800)])
    facts = file_history(tmp_path / "code", {day(150): ()}).at[day(150)].facts
    assert len(facts) == 40
    dates = ("--before", f"{day(150).isoformat()}+00:00", "--after", f"{day(60).isoformat()}+00:00")
    said = Worked(tmp_path / "code")("log", "--format=%H", *dates, "main", "--", "f7.py").split()
    assert facts["f7.py"].changes_90d == len(said)
    last = max(n for n in range(800) if n % 40 == 7 and n / 4 <= 150)
    assert facts["f7.py"].lines == last + 1


@pytest.mark.parametrize(
    ("content", "lines", "complexity"),
    [
        (b"", 0, 0.0),
        (b"one line, no end", 1, 0.0),
        (b"\n\n\n", 3, 0.0),
        (b"a\n\tb\n", 2, 0.5),
        (b"a\r\n    b\r\n", 2, 0.5),
        (b"\xff\xfe\n  x", 2, 0.25),
    ],
    ids=["empty", "no line break", "blank", "tab", "carriage returns", "no text"],
)
def test_lines_and_complexity_of_any_content(content, lines, complexity):
    assert measured(content) == (lines, complexity)


def test_a_stream_that_is_not_read_to_its_end_is_no_failure(worked):
    worked.commit(0, {"a": "x\n" * 200_000})
    with Git(worked.folder, 9).stream("cat-file", "blob", "HEAD:a") as output:
        assert output.read(2) == b"x\n"
