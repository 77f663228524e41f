"""What happens when the definitions load: everything under ``defs/`` is there, and nothing heavy is imported."""

import ast
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

import analytics_assets
from analytics_assets import defs as defs_package
from analytics_assets.definitions import defs

PACKAGE = Path(analytics_assets.__file__).parent
DEFS = Path(defs_package.__file__).parent
HEAVY = (
    *("great_expectations", "prophet", "cmdstanpy", "sklearn", "statsmodels", "mlxtend", "xgboost", "shap"),
    *("altair", "vl_convert", "pandas"),
)
ASSET_MAKERS = {"dg.asset", "dg.multi_asset", "dg.asset_check", "dg.multi_asset_check", "dbt_assets", "dg.op", "dg.job"}
MODULES = sorted(path for path in DEFS.rglob("*.py") if path.name != "__init__.py")


def module_name(path: Path) -> str:
    return ".".join(("analytics_assets", *path.relative_to(PACKAGE).with_suffix("").parts))


def declared(module: object) -> tuple[set[dg.AssetKey], set[dg.AssetCheckKey]]:
    """Keys of the assets and checks that a module declares at its top level."""
    found = [value for value in vars(module).values() if isinstance(value, dg.AssetsDefinition)]
    found += [value for value in vars(module).values() if isinstance(value, dg.AssetChecksDefinition)]
    keys = {key for item in found if not isinstance(item, dg.AssetChecksDefinition) for key in item.keys}
    return keys, {spec.key for item in found for spec in item.check_specs}


def test_everything_declared_under_defs_is_in_the_graph():
    graph = defs().get_repository_def().asset_graph
    for path in MODULES:
        module = __import__(module_name(path), fromlist=["_"])
        assets, checks = declared(module)
        assert assets <= set(graph.materializable_asset_keys), path
        assert checks <= set(graph.asset_check_keys), path


def test_a_module_with_a_definitions_function_declares_no_asset_beside_it():
    # Dagster would silently leave the other assets of such a module out.
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        decorated = {
            ast.unparse(decorator).split("(")[0]
            for node in tree.body
            if isinstance(node, ast.FunctionDef)
            for decorator in node.decorator_list
        }
        if "dg.definitions" in decorated:
            assert not decorated & ASSET_MAKERS, path


def test_an_asset_beside_a_definitions_function_would_be_noticed(tmp_path, monkeypatch):
    """The proof that the test above the last one can fail."""
    (tmp_path / "trap.py").write_text(
        "import dagster as dg\n@dg.asset\ndef lost(): ...\n@dg.definitions\ndef d(): return dg.Definitions()\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    assets, _ = declared(__import__("trap"))
    assert not assets <= set(defs().get_repository_def().asset_graph.materializable_asset_keys)


def test_no_module_of_a_stage_imports_the_asset_of_another():
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("analytics_assets.defs."):
                continue
            module = __import__(node.module, fromlist=["_"])
            imported = [getattr(module, name.name, None) for name in node.names]
            assets = [item for item in imported if isinstance(item, dg.AssetsDefinition)]
            assert not assets, f"{path} imports {assets} from {node.module}: depend on the key instead"


@pytest.fixture(scope="module")
def loaded_modules() -> set[str]:
    command = "import sys, analytics_assets.definitions as d; d.defs().get_repository_def(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", command], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("heavy", HEAVY)
def test_loading_the_definitions_does_not_import(heavy, loaded_modules):
    assert heavy not in loaded_modules


def test_only_queries_open_the_snapshot_and_only_the_warehouse_opens_the_warehouse():
    opening = {
        path.relative_to(PACKAGE).parts[0]
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "duckdb.connect"
    }
    assert opening <= {"queries", "warehouse", "cli"}


def test_the_pure_functions_know_neither_dagster_nor_a_database():
    known = {
        path.stem: {
            (node.module or "").split(".")[0] if isinstance(node, ast.ImportFrom) else node.names[0].name.split(".")[0]
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Import | ast.ImportFrom)
        }
        for path in (PACKAGE / "lib").glob("*.py")
    }
    assert [name for name, imports in known.items() if "duckdb" in imports] == []
    assert {name for name, imports in known.items() if "dagster" in imports} <= {"verdicts", "expectations"}
