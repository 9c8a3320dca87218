"""The Django samples have the faults that their CASE.toml lists; their twins have none of them.

Every statement is made by running the code against an emulator, which the
test's id names. Nothing here judges by reading the code where running it can decide.
"""

from __future__ import annotations

from sample_cases import MIB, calls_of, django_client, load, peak_of, proves, stores, tables

PAGES, VIEW = "s1-ex1-paginator-context", "s1-ex3-user-view"

store = stores("Users", "Readings")


# --- s1-ex1: a paginator as a context manager ----------------------------------------------------


@proves(PAGES, "page-iterator-as-context-manager")
def test_page_iterator_is_no_context_manager(store):
    module = load(PAGES, "faulty")
    with django_client(module) as client:
        answers = [client.get("/users/active") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [500, 500]
    kind, error, _ = answers[0].exc_info
    assert kind is TypeError and "'PageIterator' object does not support the context manager protocol" in str(error)
    paginator = module.dynamodb.get_paginator("scan")
    for thing in (paginator, paginator.paginate(TableName="Users")):
        assert not hasattr(thing, "close") and not hasattr(thing, "__enter__")


@proves(PAGES, "reserved-word")
def test_status_is_a_reserved_word(store):
    with django_client(load(PAGES, "faulty", ("page-iterator-as-context-manager",))) as client:
        answer = client.get("/users/active")
    assert answer.status_code == 500
    error = answer.exc_info[1]
    assert error.response["Error"]["Code"] == "ValidationException"
    assert "reserved keyword: status" in str(error)


@proves(PAGES, "sparse-row")
def test_row_without_an_address_ends_the_list(store):
    module = load(PAGES, "faulty", ("page-iterator-as-context-manager", "reserved-word"))
    assert len(module.get_active_users()) == tables.ACTIVE_USERS == 50
    with django_client(module) as client:
        answer = client.get("/users/active")
    assert answer.status_code == 500
    assert answer.exc_info[0] is KeyError and answer.exc_info[1].args == ("email",)


@proves(PAGES, "whole-table-in-a-list")
def test_list_holds_the_whole_table_where_the_twin_holds_a_page(store):
    faulty = load(PAGES, "faulty", ("page-iterator-as-context-manager", "reserved-word"))
    sound = load(PAGES, "sound")
    faulty.TABLE = sound.TABLE = "Readings"
    data = sum(len(value["S"]) for row in tables.readings() for value in row.values())
    listed = peak_of(faulty.get_active_users)
    paged = peak_of(lambda: sound.active_page(sound.MAX_LIMIT, None))
    assert listed > data > 7 * MIB
    assert paged < data / 4


@proves(PAGES, "addresses-without-sign-in")
def test_addresses_go_to_anybody(store):
    module = load(PAGES, "faulty", ("page-iterator-as-context-manager", "reserved-word", "sparse-row"))
    with django_client(module) as client:
        answer = client.get("/users/active")
    assert answer.status_code == 200
    assert len(answer.json()["emails"]) == tables.ACTIVE_USERS - 1


def test_paginator_twin(store):
    module = load(PAGES, "sound")
    calls = calls_of(module.dynamodb)
    with django_client(module) as client:
        assert client.get("/users/active").status_code == 401
        assert client.get("/users/active").headers["WWW-Authenticate"] == "Bearer"
        assert not calls
        staff = {"authorization": f"Bearer {module.issue_token('maren')}"}
        seen, cursor, sizes = {}, None, []
        while True:
            query = {"limit": 20, **({"cursor": cursor} if cursor else {})}
            page = client.get("/users/active", query, headers=staff).json()
            sizes.append(len(page["users"]))
            seen |= {user["id"]: user["email"] for user in page["users"]}
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert calls == {"Scan": len(sizes)} and max(sizes) <= 20 < sum(sizes)
        assert set(seen) == {row["id"]["S"] for row in tables.users() if "status" in row}
        assert seen[tables.WITHOUT_EMAIL] is None and seen["user-001"] == "user1@example.org"
        for query in ({"limit": "0"}, {"limit": "101"}, {"limit": "x"}, {"cursor": "user-001"}):
            assert client.get("/users/active", query, headers=staff).status_code == 400


# --- s1-ex3: a user view -------------------------------------------------------------------------


@proves(VIEW, "missing-user")
def test_unknown_user_gives_500(store):
    with django_client(load(VIEW, "faulty")) as client:
        answer = client.get("/users/nobody")
    assert answer.status_code == 500
    kind, error, _ = answer.exc_info
    assert kind is AttributeError and "'NoneType' object has no attribute 'get'" in str(error)


@proves(VIEW, "set-in-the-answer")
def test_set_attribute_gives_500(store):
    with django_client(load(VIEW, "faulty")) as client:
        answer = client.get(f"/users/{tables.WITH_GROUPS}")
    assert answer.status_code == 500
    assert answer.exc_info[0] is TypeError and "Object of type set is not JSON serializable" in str(answer.exc_info[1])


@proves(VIEW, "anybodys-address")
def test_anybody_reads_anybodys_address(store):
    with django_client(load(VIEW, "faulty")) as client:
        answers = [client.get(f"/users/user-{n:03d}") for n in (1, 2)]
    assert [answer.json()["email"] for answer in answers] == ["user1@example.org", "user2@example.org"]


def test_user_view_twin(store):
    module = load(VIEW, "sound")
    with django_client(module) as client:

        def ask(user, as_user):
            return client.get(f"/users/{user}", headers={"authorization": f"Bearer {module.issue_token(as_user)}"})

        unsigned = client.get("/users/user-001")
        assert unsigned.status_code == 401 and unsigned.headers["WWW-Authenticate"] == "Bearer"
        assert client.get("/users/user-001", headers={"authorization": "Bearer user-001"}).status_code == 401
        assert ask("user-001", "user-001").json()["email"] == "user1@example.org"
        assert ask("user-002", "user-001").status_code == 404
        assert ask("nobody", "nobody").status_code == 404
        assert ask(tables.WITH_GROUPS, tables.WITH_GROUPS).json()["groups"] == ["buyers", "staff"]
        assert ask(tables.WITHOUT_EMAIL, tables.WITHOUT_EMAIL).json()["email"] is None
