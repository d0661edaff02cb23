"""Workbooks to read: those of openpyxl, and one of each other format."""

from __future__ import annotations

import base64
import io
import zipfile
import zlib
from collections.abc import Sequence
from html import escape

import openpyxl

__all__ = ["XLS", "ods", "xlsx", "zipped"]

# What xlwt 1.3 wrote of the rows of `test_other_formats`.
XLS = zlib.decompress(
    base64.b85decode(
        r"c-rk)O-NKx6#njgGvheu%vfWfg$zPgrtpRmYN1nMxl*i6WkHRN3o%9+T%?P%Y?eU~Es8dRE!x=6qW_?1(;_f"
        r"x5d?u#%T_@_3-xu*nfpqo0tZSm-Z$KH&pr2@@1A-0-gDo3FK4P|CvVl}QG_;FSa8Y_SY%UF%H2j3)bBW~x^<"
        r"9><6%{yJV+B6@Z(|Si!z==p6@&~Zu*{*1m06QiXn6jX8PhQh&>WRN^uOWBo(fbC5#%0YK_PfBG-z%Ay+;Uxl"
        r"1hPMYhtlv#JL($*#s7W)&aO_0ksx^WGJow_-`48qawZk6loOYyH@r?N6OtWgT_C3QU0}w4*Q6m*sW@*AM~@6"
        r"Pi0ao7>xG5u?eT!WSnFe0F#BlelMJS-S$+zb>_x{l*@oNi4Qs)IMMw&T-i!IaFYSk9&M*PYtK$(89|=iUp)o"
        r"BeYOXkv7^tL<@d!zz^7Vi=Ci)=k`RxraEEUb|S>NUUEZpNp7f=JySt4jfm(~vU8#o+}!m~uR43XlgGp|F6Tk"
        r"v)Y!;D!oeB#Am=a&A-b|rJhqBFE3E59uN4`iWleQMcePRWO~^Ipq_=^_*(P|M+_XsFOnUC){(E(~56La0Pj}"
        r"=;W7BVvlc=XtEKUCWn?RFlQdcfB?kC+^nGEwzWX(_6Ca9w(cE=oz5zO=cB2<YiwD|6*?=5ZaRiR~3%Q9T5i0"
        r"d(puO!die#Tx$G;^_^5*EH^ejTKiB_lA0F5)<?Lnc?=Ar4E2&1_vtkL1VZbFIv#h0Sl+w6GN-vVOs43EKl=V"
        r"_!>r1IE`fk+f+VkB6l!`~x9)@ZiCN2M-=Rc=$J<<hc~)c@Od|7%(pk{9R|B%7XWq<iEuM4AO6yUMlw@Lv<D-"
        r"C9R)z@GF-~Ez`&SUdT8|qh~RIUWsF%<n>GMX=?HRS+-;J&uyVn$6qKV&c8hVH|Ve63I"
    )
)

_NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text")
)


def xlsx(sheets: dict[str, Sequence[Sequence[object]]], hidden: Sequence[str] = ()) -> bytes:
    """Return a workbook of rows by the names of the sheets."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        if name in hidden:
            sheet.sheet_state = "hidden"
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return sink.getvalue()


def ods(rows: Sequence[Sequence[object]], repeated: int = 1) -> bytes:
    """Return a workbook of OpenDocument; each row stands there so often."""
    table = "".join(
        f'<table:table-row table:number-rows-repeated="{repeated}">'
        f"{''.join(map(_cell, row))}</table:table-row>"
        for row in rows
    )
    text = (
        f"<office:document-content {_NAMES}><office:body><office:spreadsheet>"
        f'<table:table table:name="T">{table}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    return zipped(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": b"<manifest/>",
            "content.xml": text.encode(),
        }
    )


def _cell(cell: object) -> str:
    if cell is None:
        return "<table:table-cell/>"
    kind, value = ("float", cell) if isinstance(cell, float) else ("string", "")
    kind = "date" if hasattr(cell, "isoformat") else kind
    attribute = {"float": f' office:value="{value}"', "date": f' office:date-value="{cell}"'}
    return (
        f'<table:table-cell office:value-type="{kind}"{attribute.get(kind, "")}><text:p>'
        f"{escape(str(cell))}</text:p></table:table-cell>"
    )
