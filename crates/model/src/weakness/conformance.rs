//! Weaknesses of answers that are not what the contract promises.

use super::{Category, Facts};
use crate::{Kind, Severity};

pub(super) const CONTRACT_VIOLATION: Facts = Facts {
    id: "contract-violation",
    title: "Answers are not what the contract promises",
    category: Category::Inventory,
    kind: Kind::Config,
    severity: Severity::Low,
    cwe: 1059,
    owasp: "API9:2023",
    why: "Clients, gateways and tests are generated from the contract. Where answers differ from it, clients fail on data that nobody expected, filters that go by the declared type let other types through, and nobody can tell any more what the service is meant to reveal.",
    fastapi: r#"Return what the response model says and let FastAPI validate it; declare other media types instead of returning bare responses.

```python
class Ticket(BaseModel):
    id: int
    level: Literal["low", "high"]

@app.get("/tickets/{ticket_id}", response_model=Ticket, responses={404: {"model": Problem}})
def ticket(ticket_id: int) -> Ticket:
    return Ticket.model_validate(load(ticket_id))
```"#,
    django: r#"Serialise every answer with the serializer that the contract is written from, and hold tests against it.

```python
class TicketView(RetrieveAPIView):
    serializer_class = TicketSerializer   # drf-spectacular writes the contract from it

def test_ticket(client):
    answer = client.get("/tickets/7").json()
    TicketSerializer(data=answer).is_valid(raise_exception=True)
```"#,
};
