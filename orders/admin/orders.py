"""Orders on the desk: their lines, money and pictures on one page, and all that can be done with them now."""

from decimal import Decimal, InvalidOperation
from functools import partial

from django import forms
from django.contrib import admin
from django.utils.html import format_html
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import (
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from boutique.admin import (
    LinesForm,
    NoteForm,
    ReasonForm,
    Verb,
    VerbForm,
    Window,
    label,
    moment,
    panel,
    to,
)
from inventory.admin.documents import place
from inventory.admin.fields import GoodsField, QuantityField
from inventory.admin.stock import PlaceFilter, moved_by
from inventory.services.ledger import plain
from orders.admin.papers import (
    LINES_SHOWN,
    CustomerBox,
    OpenFilter,
    OverdueFilter,
    PromisedPaperAdmin,
    day_shown,
    money_verbs,
    payments_panel,
)
from orders.models import Customer, Order, StyleImage
from orders.models.customers import CONTACT
from orders.serializers.orders import MONEY
from orders.services import holding, ordering, paying, picturing
from skus.admin.fields import PictureField, PriceField
from skus.admin.filters import OneOfFilter
from skus.admin.shown import amount, thumbnail
from skus.models import MOST_MONEY

COLOURS = {
    "pending": "warning",
    "confirmed": "info",
    "in_progress": "primary",
    "fitting": "primary",
    "ready": "success",
    "completed": "success",
    "cancelled": "",
}
PRICED = ["total_shown", "paid_shown", "balance_shown", "payment"]

# ------------------------------------------------------------------------------------------------ what is typed


class WorkField(forms.CharField):
    """A row for each piece of work: what it costs, then what it is."""

    def __init__(self, **options):
        widget = UnfoldAdminTextareaWidget(attrs={"rows": 3})
        help_text = "In each row the price, then the words: 45.00 Blue lining, sewn in."
        super().__init__(widget=widget, required=False, max_length=20_000, help_text=help_text, **options)

    def clean(self, value):
        rows = [row.strip() for row in super().clean(value).splitlines() if row.strip()]
        lines = [work_in(row) for row in rows]
        if wrong := [row for row, line in zip(rows, lines, strict=True) if line is None]:
            raise forms.ValidationError([f"“{row:.60}” does not begin with a price." for row in wrong])
        return lines


def work_in(row):
    price, _space, words = row.partition(" ")
    try:
        price = Decimal(price)
    except InvalidOperation:
        return None
    if not (price.is_finite() and 0 <= price <= MOST_MONEY and price == round(price, 2) and words.strip()):
        return None
    return {"description": words.strip()[:500], "quantity": Decimal(1), "unit_price": price}


def note():
    return forms.CharField(required=False, max_length=5000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}))


class OnGoods(VerbForm):
    """What the service says of one of the lines stands beside the goods."""

    def show(self, detail, errors):
        for error in errors:
            if error["field"].startswith("lines"):
                error["field"] = "goods"
        super().show(detail, errors)


class TakeForm(OnGoods):
    customer = forms.ModelChoiceField(queryset=Customer.objects.filter(is_active=True), widget=CustomerBox)
    location = place(label="Place")
    delivery_date = forms.DateField(label="Ready on", widget=UnfoldAdminSingleDateWidget)
    goods = GoodsField(label="Goods", required=False)
    work = WorkField(label="Plain work")
    discount = PriceField(help_text="Off the whole order.")
    note = note()

    def clean(self):
        super().clean()
        if not (self.errors or self.cleaned_data["goods"] or self.cleaned_data["work"]):
            self.add_error("goods", "An order is of something: name goods, or work, or both.")


def lines_of(goods, work):
    return [*({"sku": one.sku, "quantity": one.quantity} for one in goods), *work]


def take(*, goods, work, discount, by, **words):
    discount = Decimal(0) if discount is None else discount
    return ordering.make(lines=lines_of(goods, work), discount=discount, by=by, **words)


class DetailsForm(VerbForm):
    delivery_date = forms.DateField(label="Ready on", widget=UnfoldAdminSingleDateWidget)
    note = note()

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.initial |= {"delivery_date": self.row.delivery_date, "note": self.row.note}
        if not self.by.has_perm(CONTACT):
            del self.fields["note"]


class AgreeForm(LinesForm):
    """Each line as it is, to be typed over; a quantity of nothing takes it out."""

    goods = GoodsField(label="More goods", required=False)
    work = WorkField(label="More plain work")
    known = {"What": lambda line: what(line), "Holds": lambda line: plain(line.reserved) if line.sku_id else ""}
    asked = {
        "quantity": ("Quantity", lambda line: QuantityField(min_value=0, initial=plain(line.quantity))),
        "unit_price": ("Price", lambda line: PriceField(initial=line.unit_price)),
        "discount": ("Discount", lambda line: PriceField(initial=line.discount)),
    }

    def lines_of(self, row):
        return lines_with_held(row)

    def line(self, line, *, quantity, unit_price, discount):
        if not quantity:
            return None
        return {"id": line.pk, "quantity": quantity, "unit_price": unit_price, "discount": discount}


def agree(*, order, lines, goods, work, by):
    return ordering.change(order=order, lines=[*lines, *lines_of(goods, work)], by=by)


class ImageForm(VerbForm):
    image = PictureField(help_text="JPEG, PNG or WebP, at most 10 MB and 25 megapixels.")
    description = forms.CharField(required=False, max_length=500, widget=UnfoldAdminTextInputWidget)


# ------------------------------------------------------------------------------------------------ orders


def step(status, title, icon, *, text="", form=NoteForm, variant=ActionVariant.DEFAULT):
    return Verb(
        needs=ordering.MOVES[status].needs,
        service=partial(ordering.move, status=status),
        title=title,
        text=text,
        done=lambda order: f"{order.get_status_display().lower()}.",
        form=form,
        icon=icon,
        variant=variant,
    )


@admin.register(Order)
class OrderAdmin(PromisedPaperAdmin):
    shelf, title, icon, noun = "Orders", "Orders", "shopping_bag", "order"
    moves = ordering.MOVES
    colours = COLOURS
    search_help_text = "Its number, the customer's name, or words of its note"
    list_display = ["name", "whose", "state", "due", *PRICED[:1], "payment", "place", "by"]
    list_filter = ["status", "payment_status", OpenFilter, OverdueFilter, PlaceFilter, "delivery_date"]
    fields = ["name", "state", "whose", "place", "due", "cut", "told", *PRICED, "by", "when"]
    list_verbs = {
        "take": Verb(
            needs="orders.add_order",
            service=take,
            title="New order",
            text="Its goods are held for the customer at once, at the prices of today.",
            done=lambda made: f"{made} is taken down.",
            form=TakeForm,
            icon="add_box",
            variant=ActionVariant.PRIMARY,
        )
    }
    verbs = {
        "confirmed": step("confirmed", "Confirm", "check", text="The customer gets a letter."),
        "in_progress": step("in_progress", "Begin work", "content_cut", text="What was agreed stays from now on."),
        "fitting": step("fitting", "To the fitting", "accessibility_new"),
        "ready": step("ready", "Ready", "checkroom", text="The customer gets a letter."),
        "completed": step("completed", "Hand over", "task_alt", text="The goods leave.", variant=ActionVariant.PRIMARY),
        **money_verbs(paying),
        "details": Verb(
            needs="orders.change_order",
            service=ordering.change,
            title="Change day or note",
            done="changed.",
            form=DetailsForm,
            icon="edit_calendar",
        ),
        "agree": Verb(
            needs="orders.change_order",
            service=agree,
            title="Change lines",
            text="Lines of nothing are taken out. What is no longer needed is free again at once.",
            done="changed.",
            form=AgreeForm,
            icon="edit_square",
        ),
        "reserve": Verb(
            needs="orders.change_order",
            service=ordering.reserve,
            title="Hold what has come in",
            text="Lines that wait for goods hold what there is now.",
            done="holds what there was.",
            icon="inventory_2",
        ),
        "add_image": Verb(
            needs="orders.add_styleimage",
            service=picturing.add,
            title="Add style image",
            done="the picture is added.",
            form=ImageForm,
            icon="add_photo_alternate",
        ),
        "cancelled": Verb(
            needs="orders.cancel_order",
            service=ordering.cancel,
            title="Cancel",
            text="Its goods are free again. What was paid is paid back by a refund.",
            done="cancelled.",
            form=ReasonForm,
            icon="close",
            variant=ActionVariant.DANGER,
        ),
    }

    def get_queryset(self, request):
        return super().get_queryset(request).custom().named()

    def allowed(self, row, by):
        return [
            *super().allowed(row, by),
            *(["pay"] if row.status != Order.Status.CANCELLED and row.balance > 0 else []),
            *(["refund"] if row.paid > 0 else []),
            *(["details", "add_image"] if row.is_open else []),
            *(["agree"] if row.is_editable else []),
            *(["reserve"] if row.is_open and row.lines.filter(backorder=True).exists() else []),
        ]

    # Who may not see prices, or what is written about people

    def get_list_display(self, request):
        return self.seen_by(request, super().get_list_display(request))

    def get_list_filter(self, request):
        return self.seen_by(request, super().get_list_filter(request))

    def get_fields(self, request, obj=None):
        return self.seen_by(request, super().get_fields(request, obj))

    def seen_by(self, request, names):
        hidden = set() if request.user.has_perm(MONEY) else {*PRICED, "payment_status"}
        hidden |= set() if request.user.has_perm(CONTACT) else {"told"}
        return [name for name in names if name not in hidden]

    # What stands there

    @display(description="ready on", ordering="delivery_date")
    def due(self, order):
        return day_shown(order.delivery_date, is_overdue=order.is_overdue)

    @display(description="cut to")
    def cut(self, order):
        return to(order.measurement) if order.measurement_id else "-"

    @display(description="paid")
    def paid_shown(self, order):
        return amount(order.paid)

    def tables(self, request, row):
        sees_money = request.user.has_perm(MONEY)
        return [
            lines_panel(row, sees_money=sees_money),
            *([payments_panel(row)] if sees_money else []),
            images_panel(row),
            *moved_by(request.user, row.number),
        ]


def lines_with_held(order):
    lines = list(ordering.lines_of(order)[:LINES_SHOWN])
    parts, _surplus = holding.shared_out(lines, holding.held_by(order) if order.is_open else {})
    for line, part in zip(lines, parts, strict=True):
        line.reserved = part
    return lines


def what(line):
    beside = ", ".join(part for part in (line.sku.code if line.sku_id else "", line.size) if part)
    text = '<span class="font-medium text-important">{}</span><span class="block text-subtle">{}</span>'
    return format_html(text, line.description, beside)


def lines_panel(order, *, sees_money):
    headers = ["what", "quantity", "held", *(["price", "discount", "tax", "total"] if sees_money else [])]
    rows = []
    for line in lines_with_held(order):
        held = f"{plain(line.reserved)}{', may wait' if line.backorder else ''}" if line.sku_id else ""
        prices = [amount(value) for value in (line.unit_price, line.discount + line.share, line.tax, line.total)]
        rows.append([what(line), plain(line.quantity), held, *(prices if sees_money else [])])
    return panel("Lines", headers, rows)


def images_panel(order):
    rows = [
        [thumbnail(one.image, one.description), to(one), str(one.created_by), moment(one.created_at)]
        for one in order.images.current().select_related("created_by")
    ]
    return panel("Style images", ["picture", "of what", "by", "when"], rows)


# ------------------------------------------------------------------------------------------------ style images


class TakenDownFilter(OneOfFilter):
    title, parameter_name, lookup = "state", "deleted_at__isnull", "deleted_at__isnull"

    def lookups(self, request, model_admin):
        return [("True", "Shown"), ("False", "Taken down")]


@admin.register(StyleImage)
class StyleImageAdmin(Window):
    shelf, title, icon, noun = "Orders", "Style images", "photo_library", "image"
    list_display = ["picture", "description", "of", "state", "put_up"]
    list_filter = [TakenDownFilter, "created_at"]
    list_select_related = ["order", "created_by"]
    search_fields = ["description"]
    ordering = ["-pk"]
    show_full_result_count = False
    fields = ["picture", "description", "of", "state", "put_up"]
    verbs = {
        "remove": Verb(
            needs="orders.delete_styleimage",
            service=picturing.remove,
            title="Take down",
            text="It is hidden, and can be put back.",
            done="taken down.",
            icon="delete",
            variant=ActionVariant.DANGER,
        ),
        "restore": Verb(
            needs="orders.delete_styleimage",
            service=picturing.restore,
            title="Put back",
            done="put back.",
            icon="restore",
            variant=ActionVariant.PRIMARY,
        ),
    }

    def get_queryset(self, request):
        return super().get_queryset(request).defer("order__cut_to")

    def allowed(self, row, by):
        if not row.image or not StyleImage.objects.removable_by(by).filter(pk=row.pk).exists():
            return []
        return ["remove"] if row.deleted_at is None else ["restore"]

    @display(description="picture")
    def picture(self, image):
        return thumbnail(image.image, image.description) if image.image else "-"

    @display(description="order", ordering="order")
    def of(self, image):
        return to(image.order)

    @display(description="state", ordering="deleted_at")
    def state(self, image):
        return label("Shown", "success") if image.deleted_at is None else label("Taken down", "danger")

    @display(description="put up", ordering="created_at")
    def put_up(self, image):
        return f"{image.created_by}, {moment(image.created_at)}"
