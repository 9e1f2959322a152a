"""HTML as text: what a reader sees, with links by their real host."""

from __future__ import annotations

from sdesk.mail.reading.html_text import html_text
from sdesk.mail.reading.limits import Budget
from tests.each import each


def shown(html: str) -> str:
    return html_text(html, Budget())


@each(
    ("html", "text"),
    [
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("<ul><li>one<li>two</ul>", "* one\n  * two"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("one &amp; two &lt;three&gt; &#8364; &nbsp;four", "one & two <three> € four"),
        ("<p>never <b>closed", "never closed"),
        ("no tag at all", "no tag at all"),
        ("", ""),
        ("<a href='x'", ""),
        ("<table><tr><td>a</td><td>bb</td></tr><tr><td>ccc</td><td>d</td></tr></table>", "a    bb\nccc  d"),
        ("<table><tr><td><table><tr><td>deep</td></tr></table></td></tr></table>", "deep"),
        ("<table><tr><td>Name:</td><td>" + "long " * 30 + "</td></tr></table>", "Name: " + ("long " * 30).strip()),
        ("a<hr>b", "a\n" + "_" * 32 + "\nb"),
        ('<blockquote type="cite">quoted<br>twice</blockquote>new', "> quoted\n> twice\nnew"),
        ('<blockquote type="cite">a<blockquote type="cite">b</blockquote></blockquote>', "> a\n> > b"),
        ("<blockquote>set in</blockquote>", "set in"),
    ],
)  # fmt: skip
def test_the_page_is_said_in_lines(html: str, text: str) -> None:
    assert shown(html).strip() == text


@each(
    "html",
    [
        "<script>x</script>", "<style>x</style>", "<head><title>x</title></head>", "<!-- x -->",
        "<div style='display: none'>x</div>", "<div style='DISPLAY:NONE'>x</div>", "<p hidden>x</p>",
        "<span style='visibility:hidden'>x</span>", "<span style='font-size:0px'>x</span>",
        "<span style='font-size:0'><b>x</b></span>", "<div style='opacity:0'>x</div>",
        "<div style='max-height:0;overflow:hidden'>x</div>", "<span style='mso-hide:all'>x</span>",
        "<span style='color:#ffffff'>x</span>", "<font color='white'>x</font>",
        "<div style='background:#fff'><span style='color:white'>x</span></div>",
        "<form><input value=x><select><option>x</select><textarea>x</textarea></form>",
        "<svg><text>x</text></svg>", "<iframe src='https://x.example'>x</iframe>", "<object>x</object>",
        "<template>x</template>", "<noscript>x</noscript>",
    ],
)  # fmt: skip
def test_what_nobody_sees_is_not_said(html: str) -> None:
    assert shown(f"<p>seen {html}still</p>").split() == ["seen", "still"]


@each(
    "html",
    [
        "<div style='background:#036'><span style='color:#fff'>x</span></div>",
        "<td bgcolor='#003366'><font color='#ffffff'>x</font></td>",
        "<style>.b{background:#036}</style><span class=b style='color:#fff'>x</span>",
        "<td style='font-size:0'><p style='font-size:14px'>x</p></td>",
        "<span style='font-size:0.9em'>x</span>", "<div style='opacity:0.8'>x</div>",
    ],
)  # fmt: skip
def test_what_can_be_seen_is_said(html: str) -> None:
    assert shown(html) == "x"


@each(
    ("html", "text"),
    [
        ('<a href="https://x.example/a">the page</a>', "the page <https://x.example/a>"),
        ('<a href="https://x.example/">https://x.example</a>', "https://x.example"),
        ('<a href="https://x.example">x.example</a>', "x.example"),
        ('<a href="https://evil.example">https://bank.example</a>', "https://bank.example <https://evil.example>"),
        ('<a href="https://bank.example@evil.example/">pay</a>', "pay <https://evil.example/>"),
        ('<a href="https://bank.example\\@evil.example/">pay</a>', "pay <https://bank.example/@evil.example/>"),
        ('<a href="https://аpple.example/">pay</a>', "pay <https://xn--pple-43d.example/>"),
        ('<a href="//x.example/a">pay</a>', "pay <https://x.example/a>"),
        ('<a href="mailto:ana@x.example">ana@x.example</a>', "ana@x.example"),
        ('<a href="mailto:ana@x.example?subject=x">Ana</a>', "Ana <ana@x.example>"),
        ('<a href="javascript:alert(1)">click</a>', "click"),
        ('<a href="data:text/html,x">click</a>', "click"),
        ('<a href="#top">up</a>', "up"),
        ('<a href="https://x.example/a"><img src="https://t.example/1.png"></a>', "<https://x.example/a>"),
        ('<a href="https://x.example/' + "a" * 300 + '">x</a>', "x <https://x.example/" + "a" * 141 + "…>"),
    ],
)  # fmt: skip
def test_a_link_is_said_by_its_real_host(html: str, text: str) -> None:
    assert shown(html) == text


@each(
    ("html", "text"),
    [
        ('<img alt="Our logo" src="https://x.example/l.png">', "[image: Our logo]"),
        ('<img src="cid:shot@1">', "[image]"),
        ('<img src="https://t.example/1.png">', ""),
        ('<img alt="spy" width=1 height=1 src="https://t.example/1.png">', ""),
    ],
)
def test_a_picture_is_said_by_its_name(html: str, text: str) -> None:
    assert shown(html) == text


@each(
    "html",
    [
        "<a <a <a" * 20_000, "<div>" * 30_000, "<ul>" * 100 + "<li>x" * 3_000, "<!--" * 100_000,
        "<p x='" * 50_000, "&amp" * 100_000, "<table><tr>" + "<td>x" * 3_000,
        "x" * 500_000 + "<script></script>" * 2_000, "<blockquote type=cite>" * 200 + "<p>x" * 2_000,
    ],
    ids=range(9),
)  # fmt: skip
def test_a_page_made_to_cost_time_is_read_within_its_limits(html: str) -> None:
    budget = Budget()
    html_text(html, budget)
    assert not any("seconds" in said for said in budget.damaged)


def test_all_pages_of_a_mail_share_what_one_may_cost() -> None:
    budget = Budget()
    budget.tags = 100
    assert html_text("<p>x</p>" * 60, budget).count("x") == 50
    assert html_text("<p>too late</p>", budget) == ""
    assert budget.damaged


def test_of_a_page_that_is_too_deep_the_words_are_said() -> None:
    budget = Budget()
    html = "<div>" * 300 + "<script>x</script><p>Real</p> <b>text</b>"
    assert html_text(html, budget) == "Real text"
    assert budget.damaged
