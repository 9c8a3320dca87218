"""The Django shop: both variants run, answer the same requests, and differ in the listed faults only."""

from __future__ import annotations

import pytest

import faults
import seed
from conftest import EMULATOR
from django_faults import SHOWS, Asked
from django_shop import SERVED, UNDOCUMENTED, VALID, VARIANTS, shops

__all__ = ["shops"]  # the fixture

# Lists whose rows have to look alike, where the faulty rows are not raw maps.
SAME_ROWS = [
    "/products", "/products/by-ids?ids=prod-00001", "/products/prod-00001/related", "/categories/beds/products",
    "/search?q=oak", "/customers", "/customers/cust-007/orders", "/reports/daily?days=3", "/recent", "/partners",
    "/admin/users",
]  # fmt: skip


def documented(shop: Asked) -> set[str]:
    return {
        f"{method.upper()} {path}" for path, methods in shop.contract()["paths"].items() for method in methods
    }


def parameters(shop: Asked) -> dict[str, set[str]]:
    return {
        f"{method.upper()} {path}": {p["name"] for p in operation.get("parameters", []) if p["in"] != "header"}
        for path, methods in shop.contract()["paths"].items()
        for method, operation in methods.items()
    }


def test_both_contracts_name_the_same_operations(shops: dict[str, Asked]) -> None:
    assert len(SERVED) >= 25
    assert documented(shops["sound"]) == SERVED
    assert documented(shops["faulty"]) == SERVED - UNDOCUMENTED


def test_sound_adds_page_control_and_removes_the_table_parameter_only(shops: dict[str, Asked]) -> None:
    faulty, sound = parameters(shops["faulty"]), parameters(shops["sound"])
    for operation, names in faulty.items():
        assert names - sound[operation] <= {"table"}, operation
        assert sound[operation] - names <= {"cursor", "limit"}, operation


@pytest.mark.parametrize("path", VALID)
@pytest.mark.parametrize("variant", VARIANTS)
def test_valid_requests_get_the_same_status(shops: dict[str, Asked], variant: str, path: str) -> None:
    assert shops[variant].ask(path, auth=True).status_code == VALID[path]


@pytest.mark.parametrize("variant", VARIANTS)
def test_an_order_can_be_made_changed_and_deleted(shops: dict[str, Asked], variant: str) -> None:
    shop = shops[variant]
    wanted = {"customer_id": "cust-042", "lines": [{"product_id": "prod-00010", "quantity": 2}], "note": "Ring twice"}
    made = shop.ask("/orders", auth=True, method="POST", json=wanted)
    assert made.status_code == 201
    order = made.json()
    assert order["lines"][0]["quantity"] == 2 and order["total"] > 0
    path = f"/orders/{order['customer_id']}/{order['order_id']}"
    changed = shop.ask(path, auth=True, method="PATCH", json={"status": "paid"})
    assert (changed.status_code, changed.json()["status"]) == (200, "paid")
    assert shop.ask(path, auth=True, method="DELETE").status_code == 204
    assert shop.ask(path, auth=True).status_code == 404
    assert shop.ask("/orders", method="POST", json=wanted).status_code == 401


@pytest.mark.parametrize("variant", VARIANTS)
def test_sign_in_takes_json_and_forms_and_refuses_wrong_passwords(shops: dict[str, Asked], variant: str) -> None:
    shop = shops[variant]
    username, password = seed.CLERK
    good = {"username": username, "password": password}
    for options in ({"json": good}, {"data": good}):
        answer = shop.ask("/auth/token", method="POST", **options)
        assert (answer.status_code, answer.json()["token_type"]) == (200, "bearer")
    clerk = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert shop.ask("/me", headers=clerk).json()["username"] == username
    assert shop.ask("/admin/users", headers=clerk).status_code == 403
    wrong = shop.ask("/auth/token", method="POST", json={"username": username, "password": "wrong"})
    assert wrong.status_code == 401


@pytest.mark.parametrize("path", SAME_ROWS)
def test_rows_have_the_same_fields(shops: dict[str, Asked], path: str) -> None:
    faulty, sound = (shops[variant].items(path, auth=True)[0] for variant in VARIANTS)
    assert sound.keys() <= faulty.keys()
    for name, value in sound.items():
        kinds = (int, float) if isinstance(value, (int, float)) else type(value)
        assert isinstance(faulty[name], kinds), name


def test_fault_list_is_right() -> None:
    besides = {"HEAD /admin/users", "OPTIONS /admin/users", "GET /api/schema/", "GET /api/docs/"}
    assert faults.problems("django", SERVED | besides) == []
    assert faults.giveaways("django") == []


def test_fault_list_covers_most_weaknesses() -> None:
    seen = {fault.weakness for fault in faults.load("django") if fault.on_the_wire}
    assert len(seen) >= 32


def test_every_fault_on_the_wire_is_demonstrated() -> None:
    on_the_wire = {fault.id for fault in faults.load("django") if fault.on_the_wire}
    assert SHOWS.keys() == on_the_wire


@pytest.mark.parametrize("fault", SHOWS)
def test_fault_is_in_the_faulty_shop(shops: dict[str, Asked], fault: str) -> None:
    if EMULATOR == "moto" and fault in ("product-long-id-500", "order-long-key-500", "order-delete-500"):
        pytest.skip("moto takes keys of any length")
    assert SHOWS[fault](shops["faulty"])


@pytest.mark.parametrize("fault", SHOWS)
def test_fault_is_not_in_the_sound_shop(shops: dict[str, Asked], fault: str) -> None:
    assert not SHOWS[fault](shops["sound"])


def test_faults_that_need_the_token_do_not_show_without_it(shops: dict[str, Asked]) -> None:
    faulty = shops["faulty"]
    without = Asked(faulty.clients[False], faulty.clients[False], faulty.token)
    for fault in faults.load("django"):
        needs_get = fault.on_the_wire and fault.credentials and "wire" in fault.visible
        if needs_get and fault.operations[0].startswith("GET") and "{" not in fault.operations[0]:
            shown = without.ask(fault.operations[0].split()[1])
            assert shown.status_code == 401, fault.id
