//! Weaknesses of who may do what with which object, function and property (OWASP API1:2023, API3:2023, API5:2023).

use super::{Category, Facts};
use crate::{Kind, Severity};

pub(super) const BROKEN_OBJECT_AUTHORIZATION: Facts = Facts {
    id: "broken-object-authorization",
    title: "Objects are handed out to callers whom they do not belong to",
    category: Category::Bola,
    kind: Kind::Access,
    severity: Severity::High,
    cwe: 639,
    owasp: "API1:2023",
    why: "Whoever may call the operation at all reads the objects of everybody by writing another id. The id is checked for its form and for existence, never for its owner. Random ids do not help: they stand in links, logs, lists and answers.",
    fastapi: r#"Read the object through its owner, so that a query without the owner cannot be written. Answer 404 for what belongs to somebody else, as for what does not exist.

```python
@router.get("/orders/{order_id}")
def order(order_id: UUID, user: Annotated[User, Depends(current_user)], db: Session = Depends(session)) -> OrderOut:
    found = db.scalar(select(Order).where(Order.id == order_id, Order.owner_id == user.id))
    if found is None:
        raise HTTPException(404)
    return OrderOut.model_validate(found)
```

On DynamoDB, make the owner the partition key, or state it as a condition."#,
    django: r#"Let the queryset begin at the caller: then list, detail and nested views cannot reach anything else.

```python
class OrderViewSet(viewsets.ReadOnlyModelViewSet):
    serializer_class = OrderSerializer

    def get_queryset(self):
        return Order.objects.filter(owner=self.request.user)
```

In plain views: `get_object_or_404(request.user.orders, pk=pk)` instead of `get_object_or_404(Order, pk=pk)`."#,
};

pub(super) const GUESSABLE_OBJECT_IDS: Facts = Facts {
    id: "guessable-object-ids",
    title: "Counting through ids gives the objects of others",
    category: Category::Bola,
    kind: Kind::Access,
    severity: Severity::Medium,
    cwe: 340,
    owasp: "API1:2023",
    why: "Where ids are consecutive numbers, a missing check of the owner turns into a copy of the whole table: one short loop reads it. With ids that cannot be guessed the same mistake gives away only what leaks elsewhere.",
    fastapi: r#"Check the owner in the query, first of all. Then show ids that cannot be counted through, and keep the number for the database.

```python
class Order(Base):
    pk: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True, default=uuid4)


@router.get("/orders/{order_id}")
def order(order_id: UUID, user: Annotated[User, Depends(current_user)]) -> OrderOut:
    return find_order(order_id, owner=user.id)
```"#,
    django: r#"Check the owner in the queryset, first of all. Then show a random id in place of the primary key.

```python
class Order(models.Model):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)


class OrderViewSet(viewsets.ReadOnlyModelViewSet):
    lookup_field = "public_id"

    def get_queryset(self):
        return Order.objects.filter(owner=self.request.user)
```"#,
};

pub(super) const INTERNAL_PROPERTY_EXPOSED: Facts = Facts {
    id: "internal-property-exposed",
    title: "Properties that callers should not see are in the answer",
    category: Category::PropertyAuthorization,
    kind: Kind::Exposure,
    severity: Severity::Medium,
    cwe: 213,
    owasp: "API3:2023",
    why: "The record goes out as it is stored: with purchase prices, internal notes, risk scores, flags of privilege and passwords. A client that does not show a field hides it from nobody.",
    fastapi: r#"One model for each audience; what a model does not name does not leave.

```python
class ProductOut(BaseModel):
    id: int
    name: str
    price: Decimal


class ProductForStaff(ProductOut):
    cost_price: Decimal
    internal_notes: str


@router.get("/products/{product_id}", response_model=ProductOut)
def product(product_id: int): ...


@admin.get("/products/{product_id}", response_model=ProductForStaff)
def product_for_staff(product_id: int): ...
```"#,
    django: r#"Name the fields one by one, and choose the serializer by the caller.

```python
class ProductSerializer(serializers.ModelSerializer):
    class Meta:
        model = Product
        fields = ["id", "name", "price"]


class StaffProductSerializer(ProductSerializer):
    class Meta(ProductSerializer.Meta):
        fields = [*ProductSerializer.Meta.fields, "cost_price", "internal_notes"]


def get_serializer_class(self):
    return StaffProductSerializer if self.request.user.is_staff else ProductSerializer
```"#,
};

pub(super) const MASS_ASSIGNMENT: Facts = Facts {
    id: "mass-assignment",
    title: "Callers set properties that only the service should set",
    category: Category::PropertyAuthorization,
    kind: Kind::Access,
    severity: Severity::High,
    cwe: 915,
    owasp: "API3:2023",
    why: "The body of the request is written into the record as it comes. A caller who adds `role`, `verified`, `balance` or `owner_id` becomes an administrator, pays nothing, or moves objects to somebody else.",
    fastapi: r#"Accept a model that has only what callers may change, refuse the rest, and copy only what was set.

```python
class ProfileIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    display_name: str | None = Field(None, max_length=80)
    language: Literal["de", "en"] | None = None


@router.patch("/me")
def change(change: ProfileIn, user: Annotated[User, Depends(current_user)]) -> ProfileOut:
    for name, value in change.model_dump(exclude_unset=True).items():
        setattr(user, name, value)
    ...
```"#,
    django: r#"Name the writable fields; everything that the service decides is read-only and set in `perform_create`.

```python
class ProfileSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "display_name", "language", "role", "is_verified"]
        read_only_fields = ["id", "role", "is_verified"]


def perform_create(self, serializer):
    serializer.save(owner=self.request.user)
```

Never `fields = "__all__"`, and never `Model.objects.create(**request.data)`."#,
};
