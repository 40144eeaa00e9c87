import csv
import io
import re
import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pypdfium2
import pytest
from django.http import StreamingHttpResponse
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from boutique.api.renderers import CSVRenderer, PDFRenderer, XLSXRenderer
from boutique.tables import paper as papers
from boutique.tables import sheet as sheets
from boutique.tables import table as tables
from boutique.tables import text as texts
from boutique.tables.table import Column, Table

WHEN = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)
DANGEROUS = ["=1+1", "+49 40 123", "-5", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1"]


def clock(*day_and_time):
    """As spreadsheets know days and moments: without a zone."""
    return datetime(2026, 11, *day_and_time)  # noqa: DTZ001


def report(rows, **more):
    columns = [{"name": "sku_code", "label": "SKU"}, "note", {"name": "closing", "type": "decimal"}]
    return {"title": "Stock movements", "columns": columns, "rows": rows, "generated_at": WHEN} | more


def row(sku_code="KUR-1", note="", closing="2.00"):
    return {"sku_code": sku_code, "note": note, "closing": closing}


def csv_rows(answer):
    raw = CSVRenderer().render(answer)
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def book_of(answer):
    return openpyxl.load_workbook(io.BytesIO(XLSXRenderer().render(answer)))


def sheet_rows(answer):
    return [list(line) for line in book_of(answer)["Rows"].iter_rows(values_only=True)]


# ------------------------------------------------------------------------------------------------ from answer to table


class PlaceSerializer(serializers.Serializer):
    code = serializers.CharField()


class LevelSerializer(serializers.Serializer):
    sku = serializers.IntegerField()
    on_hand = serializers.DecimalField(max_digits=12, decimal_places=3)
    phone = serializers.CharField()
    counted_on = serializers.DateField()
    moved_at = serializers.DateTimeField()
    is_low = serializers.BooleanField()
    location = PlaceSerializer(allow_null=True)
    tags = serializers.ListField()


def levels(*locations):
    return LevelSerializer(
        [
            {
                "sku": 17,
                "on_hand": Decimal("-5.000"),
                "phone": "-5",
                "counted_on": date(2026, 11, 1),
                "moved_at": WHEN,
                "is_low": True,
                "location": location,
                "tags": ["a", "b"],
            }
            for location in locations
        ],
        many=True,
    ).data


@pytest.mark.parametrize(
    "answer", [levels({"code": "SHOP"}, None), {"count": 2, "results": levels({"code": "SHOP"}, None)}]
)
def test_a_list_keeps_the_types_of_its_serializer(answer):
    header, first, second = csv_rows(answer)

    assert header == ["sku", "on_hand", "phone", "counted_on", "moved_at", "is_low", "location.code", "tags"]
    assert first == ["17", "-5.000", "'-5", "2026-11-01", "2026-11-20T14:05:00Z", "true", "SHOP", "a, b"]
    assert second[6] == ""

    _, first, second = sheet_rows(answer)
    assert first == [17, -5, "-5", clock(1), clock(20, 14, 5), True, "SHOP", "a, b"]
    assert second[6] is None


def test_an_empty_list_still_has_its_header():
    assert csv_rows(levels()) == [
        ["sku", "on_hand", "phone", "counted_on", "moved_at", "is_low", "location.code", "tags"]
    ]


@pytest.mark.parametrize("renderer", [CSVRenderer, XLSXRenderer, PDFRenderer])
@pytest.mark.parametrize("answer", [[], {"results": []}, report([]), report([], totals={"closing": "0.00"})])
def test_nothing_to_show_is_no_fault(renderer, answer):
    assert renderer().render(answer)


def test_plain_rows_need_no_serializer():
    rows = [{"day": date(2026, 1, 2), "net": Decimal("-1.50"), "deep": {"a": {"b": 1}}}, {"net": None, "more": "x"}]

    assert csv_rows(rows) == [
        ["day", "net", "deep.a", "more"],
        ["2026-01-02", "-1.50", '{"b": 1}', ""],
        ["", "", "", "x"],
    ]


def test_a_mistaken_column_type_is_noticed():
    with pytest.raises(KeyError):
        CSVRenderer().render(report([row()], columns=[{"name": "closing", "type": "money"}]))


# ------------------------------------------------------------------------------------------------ CSV


@pytest.mark.parametrize("text", [*DANGEROUS, " =1", "\u200b=1"])
def test_csv_defuses_texts_that_would_compute(text):
    assert csv_rows(report([row(sku_code=text)]))[1][0] == "'" + text
    assert csv_rows([{text: 1}])[0] == ["'" + text]


@pytest.mark.parametrize("text", ["a=1", "5-4", "'=1", ""])
def test_csv_leaves_harmless_texts_alone(text):
    assert csv_rows(report([row(sku_code=text)]))[1][0] == text


@pytest.mark.parametrize("value", ["-5.00", Decimal("-5.00"), -5, -0.5])
def test_csv_leaves_numbers_numbers(value):
    assert csv_rows(report([row(closing=value)]))[1][2] == str(value)


@pytest.mark.parametrize("text", ["-5.00;=1", "-1_000", "-٣", "-1e5", "-NaN", "-Infinity", "--5"])
def test_what_only_resembles_a_number_is_text_even_in_a_column_of_numbers(text):
    assert csv_rows(report([row(closing=text)]))[1][2] == "'" + text
    assert sheet_rows(report([row(closing=text)]))[1][2] == text


def test_csv_is_quoted_throughout_and_opens_in_excel_as_utf_8():
    raw = CSVRenderer().render(report([row("Größe", 'say "hi"\nthere, you')]))

    assert raw == '\ufeff"sku_code","note","closing"\r\n"Größe","say ""hi""\nthere, you","2.00"\r\n'.encode()


def test_control_characters_and_half_characters_are_dropped_before_the_danger_is_judged():
    assert csv_rows(report([row(sku_code="\x00\ud800=1", note="a\x1b[31mb\ufffe")]))[1][:2] == ["'=1", "a[31mb"]


def test_a_long_export_leaves_while_its_rows_are_still_coming():
    taken = []

    def rows():
        for number in range(3):
            taken.append(number)
            yield {"id": number}

    response = texts.csv_response(Table("All pieces", [Column("id", type="integer")], rows(), generated_at=WHEN))

    assert isinstance(response, StreamingHttpResponse)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="all-pieces-2026-11-20.csv"'
    lines = iter(response)
    assert [next(lines), next(lines), next(lines)] == [b"\xef\xbb\xbf", b'"id"\r\n', b'"0"\r\n']
    assert taken == [0]
    assert b"".join(lines) == b'"1"\r\n"2"\r\n'


# ------------------------------------------------------------------------------------------------ spreadsheet


@pytest.mark.parametrize("text", [*DANGEROUS, "#N/A", "00123", "1.5", "true", "2026-01-01"])
def test_a_spreadsheet_holds_texts_as_texts(text):
    sheet = book_of(report([row(sku_code=text)]))["Rows"]

    # XML reads a carriage return as a new line.
    assert (sheet["A2"].data_type, sheet["A2"].value) == ("s", text.replace("\r", "\n"))
    assert sheet["A2"].quotePrefix == (text in DANGEROUS)


def test_a_spreadsheet_holds_numbers_days_and_moments_as_such():
    values = {"n": Decimal("-1500.50"), "q": Decimal("2.500"), "i": 7, "d": date(2026, 11, 20), "m": WHEN, "b": False}
    sheet = book_of([values])["Rows"]

    assert [(cell.value, cell.data_type, cell.number_format) for cell in sheet[2]] == [
        (-1500.5, "n", "#,##0.00"),
        (2.5, "n", "#,##0.000"),
        (7, "n", "0"),
        (clock(20), "d", "yyyy-mm-dd"),
        (clock(20, 14, 5), "d", 'yyyy-mm-dd hh:mm "UTC"'),
        (False, "b", "General"),
    ]


def test_a_spreadsheet_does_not_round_what_it_cannot_count():
    assert sheet_rows([{"id": 2**63 - 1, "odd": float("nan")}])[1] == ["9223372036854775807", "nan"]


def test_a_spreadsheet_drops_what_xml_cannot_hold():
    assert sheet_rows(report([row(note="a\x00\x0b\x1f\ud800\ufffe\uffffb😀")]))[1][1] == "ab😀"


def test_a_spreadsheets_header_stays_in_sight_and_its_columns_are_wide_enough():
    sheet = book_of(report([row()]))["Rows"]

    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold
    assert all(sheet.column_dimensions[letter].width >= 10 for letter in "ABC")


def test_a_spreadsheet_keeps_the_totals_apart_from_what_is_summed():
    answer = report([row(), row()], totals={"closing": "4.00"}, filters={"location": ["A", "B"], "note": "=1"})
    book = book_of(answer)

    assert len(list(book["Rows"].iter_rows())) == 3
    summary = {line[0]: line[1] for line in book["Summary"].iter_rows(values_only=True) if line}
    assert summary["closing"] == 4
    assert (summary["title"], summary["location"], summary["note"]) == ("Stock movements", "A, B", "=1")
    assert book_of([row()]).sheetnames == ["Rows"]


def test_a_spreadsheet_too_long_to_open_is_refused_and_leaves_nothing_behind(monkeypatch, tmp_path):
    monkeypatch.setattr(sheets, "MAX_SHEET_ROWS", 2)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    assert sheets.workbook(tables.tabulated(report([row()] * 2)))
    with pytest.raises(tables.TooManyRows, match="the 2 rows"):
        sheets.workbook(tables.tabulated(report([row()] * 3)))

    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------------------------------------ paper


def pages_of(answer):
    raw = PDFRenderer().render(answer)
    assert raw.startswith(b"%PDF-")
    return texts_of(raw)


def texts_of(raw):
    return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in pypdfium2.PdfDocument(raw)]


def test_paper_repeats_its_header_and_counts_its_pages():
    pages = pages_of(report([row(f"KUR-{number}") for number in range(200)], totals={"closing": "400.00"}))

    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
        assert re.search(r"SKU\s+Note\s+Closing", page)
        assert "2026-11-20 14:05 UTC" in page
    assert "Stock movements" in pages[0]
    assert "Stock movements" not in pages[1]
    assert re.findall(r"KUR-\d+", "".join(pages)) == [f"KUR-{number}" for number in range(200)]
    assert re.search(r"Total\s+400.00", pages[-1])
    assert "Total" not in pages[0]


def test_paper_names_its_filters():
    (page,) = pages_of(
        report([row()], filters={"location": ["Old town", "Harbour"], "after": date(2026, 1, 1), "to": None})
    )

    assert "location: Old town, Harbour" in page
    assert "after: 2026-01-01" in page
    assert "to:" not in page


def test_paper_takes_text_as_text():
    (page,) = pages_of(report([row("<b>A&amp;B</b>", "<img src='/etc/passwd'/> & Söhne ₹ €\x00\x07\nsecond line")]))

    assert "<b>A&amp;B</b>" in page
    assert "<img src='/etc/passwd'/> & Söhne ₹ €" in page
    assert "second line" in page


def test_paper_wraps_long_texts_and_cuts_endless_ones():
    words = " ".join(f"w{number}" for number in range(400))
    pages = pages_of(report([row(note=words), row(note="X" * 5000)]))

    text = "".join(pages)
    assert "w0 w1 w2" in text
    assert "w399" not in text
    assert text.count("X") == papers.MAX_CELL - 1
    assert text.count("…") == 2


def test_no_row_of_paper_is_higher_than_half_a_page():
    (page,) = pages_of(report([row(note="line\n" * 90)]))

    assert 20 < page.count("line") < 50
    assert "…" in page


def test_paper_says_when_there_is_nothing_to_show():
    assert "No rows." in pages_of(report([]))[0]


def paper_of(rows, **more):
    columns = [Column("id", type="integer", on_paper=False), Column("name"), Column("sold", "Sold", "decimal")]
    raw = papers.paper(Table("Sales", columns, rows, house="Maison Ada", printed_by="Grace", generated_at=WHEN, **more))
    return texts_of(raw)


def test_a_paper_of_the_house_says_whose_it_is_on_each_page_and_who_printed_it():
    first, *_, last = paper_of([{"id": 777, "name": f"Dress {at}", "sold": Decimal(at)} for at in range(100)])

    assert first.startswith("Maison Ada\nSales")
    assert last.startswith("Maison Ada · Sales\nName Sold")
    assert "Printed 2026-11-20 14:05 UTC by Grace" in last
    assert "777" not in first  # ids are for programs


def test_a_picture_shows_the_ten_largest_or_all_in_their_order():
    sold = [("Coat", 3), ("Dress", 5), ("Coat", 4), ("Return", -2), *((f"Other {at}", 1) for at in range(12))]
    rows = [{"name": name, "sold": Decimal(value)} for name, value in sold]

    (bars,) = paper_of(rows, chart={"kind": "bars", "labels": "name", "values": "sold"})
    (columns,) = paper_of(rows[:4], chart={"kind": "columns", "labels": "name", "values": "sold"})
    (nothing,) = paper_of(rows[:1], chart={"kind": "bars", "labels": "name", "values": "sold"})

    picture = bars.split("Name")[0].split("\n")
    assert picture[2:5] == ["Sold", "Coat 7", "Dress 5"]
    assert "Other 7 1" in picture
    assert "Other 8 1" not in picture
    assert "highest: 7, Coat" in columns
    assert "Return" in columns.split("Name")[0]
    assert "Sold" not in nothing.split("Name")[0]


@pytest.mark.parametrize(
    "text", ["😀👩‍🦰", "שלום", "مرحبا", "中文", "\ud83d", "a\u202eb", "\u0301" * 400, "\n" * 600, "W" * 499]
)
def test_no_text_breaks_the_paper(text):
    columns = [f"c{number}" for number in range(40)]

    assert PDFRenderer().render(
        report([dict.fromkeys(columns, text)], columns=columns, title=text, filters={text: text})
    )


def size_of(answer):
    return re.search(rb"/MediaBox \[ 0 0 (\d+)\.?\d* (\d+)", PDFRenderer().render(answer)).groups()


def test_a_wide_table_is_laid_across():
    wide = dict.fromkeys([f"column_{number}" for number in range(9)], "as wide as this one")

    assert size_of(report([row()])) == (b"595", b"841")
    assert size_of(report([wide], columns=list(wide))) == (b"841", b"595")


def test_columns_fill_the_page_and_numbers_give_way_last():
    fitted = papers.fitted

    assert fitted([100, 50, 50], [False, False, True], 400) == [200, 100, 100]
    narrow = fitted([400, 100, 60], [False, False, True], 300)
    assert sum(narrow) == pytest.approx(300)
    assert narrow[2] == pytest.approx(60)
    assert sum(fitted([60] * 20, [True] * 20, 600)) == pytest.approx(600)


def test_more_rows_than_paper_takes_are_refused(monkeypatch):
    monkeypatch.setattr(papers, "MAX_PAPER_ROWS", 2)

    assert papers.paper(tables.tabulated(report([row()] * 2)))
    with pytest.raises(tables.TooManyRows) as refusal:
        papers.paper(tables.tabulated(report([row()] * 3)))

    assert (refusal.value.status, refusal.value.code) == (400, "too_many_rows")


def test_more_pages_than_paper_takes_are_refused(monkeypatch):
    monkeypatch.setattr(papers, "MAX_PAGES", 2)

    assert papers.paper(tables.tabulated(report([row(note="x " * 200)] * 20)))
    with pytest.raises(tables.TooManyRows, match="2 pages"):
        papers.paper(tables.tabulated(report([row(note="x " * 200)] * 200)))


# ------------------------------------------------------------------------------------------------ through a view


class Movements(APIView):
    authentication_classes = permission_classes = ()
    renderer_classes = (CSVRenderer, XLSXRenderer, PDFRenderer)

    def get(self, request):
        return Response(report([row()] * 3))


def ask(form):
    return Movements.as_view()(APIRequestFactory().get("/", {"format": form})).render()


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("csv", "text/csv; charset=utf-8"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("pdf", "application/pdf"),
    ],
)
def test_a_file_is_named_after_its_title_and_day(form, kind):
    answer = ask(form)

    assert answer["Content-Type"] == kind
    assert answer["Content-Disposition"] == f'attachment; filename="stock-movements-2026-11-20.{form}"'


def test_a_title_cannot_reach_into_the_header():
    title = 'a"; filename="evil.exe"\r\nSet-Cookie: x=1/../../é'
    table = Table(title, [], [], generated_at=WHEN)

    assert re.fullmatch(r"[a-z0-9-]+-2026-11-20", table.file_name)
    assert Table("日本", [], [], generated_at=WHEN).file_name == "export-2026-11-20"


def test_too_many_rows_are_a_problem_like_any_other(monkeypatch):
    monkeypatch.setattr(papers, "MAX_PAPER_ROWS", 2)

    answer = ask("pdf")

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert b'"code": "too_many_rows"' in answer.content
    assert "Content-Disposition" not in answer


def test_the_web_server_starts_with_all_routes_and_without_what_only_some_answers_need():
    some = ["reportlab", "openpyxl", "numpy", "PIL", "barcode", "zxingcpp", "rich", "requests"]
    code = "from boutique.wsgi import application; import sys; "
    code += f"assert 'reports.urls' in sys.modules; print([name for name in {some} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603

    assert done.stdout.strip() == "[]", done.stderr
