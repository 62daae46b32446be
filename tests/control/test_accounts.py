"""Accounts, as the operator sees and changes them."""

from tests.wire.leo import LONG_MS

from .operator import Operator


def test_an_account_in_full() -> None:
    operator = Operator(slots={"image": 2})
    leo = operator.leo
    leo.made(num_images=1, width=64, height=64)
    for _ in range(3):
        leo.order(num_images=1, width=64, height=64)
    told = operator.get(f"accounts/{leo.user_id}")
    assert (told["user_id"], told["balance"]) == (leo.user_id, leo.balance)
    assert told["lanes"]["image"] | {"pending_max": None} == {
        "slots": 2,
        "running": 2,
        "queued": 1,
        "pending_max": None,
    }
    assert (told["counts"]["generations"], told["counts"]["images"]) == (4, 1)
    assert told["keys"] == list(leo.account.keys)
    spent = sum(entry["credits"] for entry in told["ledger"])
    assert told["opening"] - spent == told["balance"]
    assert [entry["why"] for entry in told["ledger"]] == ["CHARGE"] * 4


def test_a_ledger_comes_in_parts() -> None:
    operator = Operator()
    jobs = [operator.leo.order() for _ in range(4)]
    told = operator.get(f"accounts/{operator.leo.user_id}", limit=2, offset=1)
    assert ([entry["job_id"] for entry in told["ledger"]], told["ledger_total"]) == (jobs[1:3], 4)


def test_accounts_stand_in_the_order_in_which_they_were_made() -> None:
    operator = Operator()
    users = [operator.leo.beside(f"key-number-{nth}").user_id for nth in range(4)]
    told = operator.get("accounts", offset=1, limit=2)
    assert ([account["user_id"] for account in told["accounts"]], told["total"]) == (users[1:3], 4)


def test_credits_are_given_and_taken_and_the_ledger_says_so() -> None:
    operator = Operator(credits=100)
    leo = operator.leo
    for balance, why in ((7, "WITHDRAWAL"), (5_000, "GRANT")):
        told = operator.patch(f"accounts/{leo.user_id}", credits=balance)
        assert told["balance"] == leo.balance == balance
        assert told["ledger"][-1]["why"] == why
    assert len(operator.patch(f"accounts/{leo.user_id}", credits=5_000)["ledger"]) == 2


def test_who_has_no_credits_is_refused() -> None:
    operator = Operator()
    operator.patch(f"accounts/{operator.leo.user_id}", credits=0)
    assert operator.leo.ask("POST", "/generations", json={"prompt": "x"}).status_code >= 400


def test_looking_catches_up() -> None:
    operator = Operator()
    operator.leo.order()
    operator.leo.advance(LONG_MS)
    assert operator.get(f"accounts/{operator.leo.user_id}")["lanes"]["image"]["running"] == 0
