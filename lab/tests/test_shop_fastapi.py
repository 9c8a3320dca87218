"""The shop on FastAPI: every listed fault shows in the faulty variant and not in the sound one."""

from __future__ import annotations

import faults
import pytest
from conftest import EMULATOR
from fastapi_faults import DOCUMENTS, HIDDEN, NORMAL, PARAMETERISED, SHOP, SHOWS, Side, odd_requests, operations

# moto checks neither the length of a key nor the order of BETWEEN; dynoxide does, as AWS does.
MOTO_DOES_NOT_REFUSE = {"orders-error-text", "orders-range-500", "store-errors", "order-writes-store-errors"}


def test_fault_list_is_consistent(sides: dict[str, Side]) -> None:
    served = operations(sides["faulty"].contract) | HIDDEN | DOCUMENTS
    assert faults.problems(SHOP, served) == []
    for operation in HIDDEN | DOCUMENTS:
        path = operation.split(" ", 1)[1].replace("{partner_id}", "lumo")
        assert sides["faulty"].plain.get(path).status_code == 200, operation


def test_source_does_not_name_its_faults() -> None:
    assert faults.giveaways(SHOP) == []


def test_both_variants_have_the_same_operations(sides: dict[str, Side]) -> None:
    faulty, sound = operations(sides["faulty"].contract), operations(sides["sound"].contract)
    assert not faulty & HIDDEN
    assert faulty | HIDDEN == sound
    assert len(sound) >= 25


@pytest.mark.parametrize("path", NORMAL)
def test_both_variants_answer_the_same_requests(sides: dict[str, Side], path: str) -> None:
    faulty, sound = (sides[variant].signed.get(path) for variant in ("faulty", "sound"))
    assert faulty.status_code == sound.status_code
    assert faulty.status_code in (200, 307)
    kind = [answer.headers.get("content-type", "").split(";")[0] for answer in (faulty, sound)]
    assert kind[0] == kind[1]
    if kind[0] == "application/json" and "items" in faulty.json():
        assert {"items", "count"} <= faulty.json().keys() & sound.json().keys()
        assert sound.json()["items"]


@pytest.mark.parametrize("variant", ["faulty", "sound"])
def test_an_order_can_be_placed_changed_and_removed(sides: dict[str, Side], variant: str) -> None:
    order = {"customer_id": "cust-007", "lines": [{"product_id": "prod-00001", "quantity": 2, "price": 10.5}]}
    assert sides[variant].plain.post("/orders", json=order).status_code == 401
    signed = sides[variant].signed
    placed = signed.post("/orders", json=order)
    assert placed.status_code == 201
    assert placed.json()["total"] == 21
    path = f"/orders/cust-007/{placed.json()['order_id']}"
    assert signed.patch(path, json={"status": "paid"}).json()["status"] == "paid"
    assert signed.get(path).json()["status"] == "paid"
    assert signed.delete(path).status_code == 204
    assert signed.get(path).status_code in (404, 500)


def test_every_visible_fault_has_a_demonstration() -> None:
    assert {fault.id for fault in faults.load(SHOP) if fault.on_the_wire} == SHOWS.keys()


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("fault", SHOWS)
def test_fault_shows_in_the_faulty_variant(sides: dict[str, Side], fault: str) -> None:
    if EMULATOR == "moto" and fault in MOTO_DOES_NOT_REFUSE:
        pytest.skip("moto accepts what DynamoDB refuses here")
    assert SHOWS[fault](sides["faulty"])


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("fault", SHOWS)
def test_fault_is_absent_from_the_sound_variant(sides: dict[str, Side], fault: str) -> None:
    assert not SHOWS[fault](sides["sound"])


@pytest.mark.parametrize("fault", [fault for fault in faults.load(SHOP) if fault.id in SHOWS], ids=lambda f: f.id)
def test_faults_that_need_credentials_say_so(sides: dict[str, Side], fault: faults.Fault) -> None:
    """An operation that refuses callers without a token can only be judged with one."""
    for operation in fault.operations:
        method, _, path = operation.partition(" ")
        if method != "GET" or "wire" not in fault.visible or fault.weakness == "method-auth-gap":
            continue
        known = {"{customer_id}": "cust-001", "{order_id}": "ord-000001"}
        for name, value in known.items():
            path = path.replace(name, value)
        refused = "{" not in path and sides["faulty"].plain.get(path).status_code == 401
        if refused and len(fault.operations) == 1:
            assert fault.credentials, operation


@pytest.mark.parametrize("operation", PARAMETERISED)
def test_odd_input_fails_only_where_a_fault_is_listed(sides: dict[str, Side], operation: str) -> None:
    listed = {
        (name, fault.weakness) for fault in faults.load(SHOP) if fault.on_the_wire for name in fault.operations
    }
    for method, target in odd_requests(sides["faulty"], operation):
        answer = sides["faulty"].signed.request(method, target)
        if answer.status_code >= 500:
            assert (operation, "unhandled-input") in listed, target
        if "ValidationException" in answer.text:
            assert (operation, "store-error-exposed") in listed, target
