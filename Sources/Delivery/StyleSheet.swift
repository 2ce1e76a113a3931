// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// How the status page looks.
///
/// NE 107's colours carry the machine's health, each with a shape of its own; violet and hatching
/// say that data is missing, and nothing else is violet. Text has a contrast of at least 4.5:1 on
/// its ground in both schemes (WCAG 2.2, 1.4.3).
extension StatusPage {
    static let styleSheet = colours + layout + tables + cards + narrow + paper

    private static let colours = """
        :root{color-scheme:light dark;--bg:#f4f3ef;--card:#fff;--ink:#17191c;--soft:#565c64;
        --line:#dedcd5;--link:#0b57a4;--f:#b3261e;--c:#a34a00;--s:#7a5b00;--m:#0b57a4;--n:#1d6b3c;
        --u:#6b2fa0;--ft:#fbe9e7;--ct:#fdeedd;--st:#faf2d3;--mt:#e6f0fb;--nt:#e8f3eb;--ut:#f2eaf9;
        --hatch:#e2d2f0;--on:#fff}
        @media(prefers-color-scheme:dark){:root{--bg:#121416;--card:#1c1f22;--ink:#eceae4;
        --soft:#a4abb3;--line:#33373c;--link:#8ec5ff;--f:#ff8f86;--c:#ffb066;--s:#f0cd55;
        --m:#8ec5ff;--n:#7fd09b;--u:#cfaaf5;--ft:#3b1d1b;--ct:#3a2815;--st:#35300f;--mt:#16293d;--nt:#17301f;
        --ut:#2c2138;--hatch:#43305a;--on:#121416}}
        .f{--a:var(--f);--t:var(--ft)}.c{--a:var(--c);--t:var(--ct)}.s{--a:var(--s);--t:var(--st)}
        .m{--a:var(--m);--t:var(--mt)}.n{--a:var(--n);--t:var(--nt)}.u{--a:var(--u);--t:var(--ut)}
        .none{--a:var(--soft);--t:transparent}

        """

    private static let layout = """
        *{box-sizing:border-box;margin:0}
        body{background:var(--bg);color:var(--ink);font:15px/1.45 system-ui,"Segoe UI",Roboto,
        "Liberation Sans",sans-serif;font-variant-numeric:tabular-nums;
        -webkit-text-size-adjust:100%;text-size-adjust:100%}
        header,main,footer{max-width:1240px;margin:0 auto;padding:0 24px}
        header{display:flex;flex-wrap:wrap;gap:4px 24px;justify-content:space-between;
        align-items:baseline;padding-top:16px}
        .who strong{font-size:17px}.site{color:var(--soft);margin-left:10px}
        .when{color:var(--soft);font-size:14px}.when time{color:var(--ink)}
        h1{font-size:34px;line-height:1.15;letter-spacing:-.02em;font-weight:650;margin:20px 0 18px;
        text-wrap:balance}
        h2{font-size:13px;letter-spacing:.08em;text-transform:uppercase;color:var(--soft);
        font-weight:600;margin:34px 0 10px}
        a{color:var(--link);text-underline-offset:2px}
        code{font:13px ui-monospace,"DejaVu Sans Mono",monospace}
        .quiet,.sub,.unit{color:var(--soft);font-weight:400}
        .i{width:1em;height:1em;flex:none;fill:var(--a);stroke:none;vertical-align:-.12em}
        .i .k,.k{stroke:var(--on);stroke-width:1.9;fill:none;stroke-linecap:round}
        .o,.l{fill:none;stroke:var(--a);stroke-width:1.6;stroke-linecap:round;stroke-linejoin:round}
        .d{stroke-dasharray:2.6 2.4}
        .badge{display:inline-flex;align-items:center;gap:6px;padding:2px 9px 2px 7px;
        border-radius:4px;background:var(--t);color:var(--a);font-size:14px;font-weight:600;
        white-space:nowrap}
        .badge.u,.tiles li.u{background:repeating-linear-gradient(135deg,var(--ut) 0 7px,
        var(--hatch) 7px 9px);outline:1px dashed var(--u);outline-offset:-1px}
        .gap{color:var(--u);font-weight:600;--a:var(--u)}.gap .i{margin-right:6px}
        .tiles{list-style:none;padding:0;display:grid;grid-template-columns:repeat(6,1fr);gap:10px}
        .tiles li{background:var(--t);border-radius:8px;padding:12px 14px;display:grid;
        grid-template-columns:auto 1fr;align-items:center;gap:0 10px;min-width:0}
        .tiles .i{width:22px;height:22px}.tiles b{font-size:28px;line-height:1.1;color:var(--a)}
        .tiles span{grid-column:1/-1;font-size:14px;margin-top:4px}
        .tiles .none{border:1px solid var(--line);opacity:1}.tiles .none b{font-weight:400}
        .tiles .none span{color:var(--soft)}.tiles .none .i{--a:var(--line);visibility:hidden}
        .tiles .none b{grid-column:1/-1}.tiles .none .i{display:none}
        .brief{display:flex;flex-wrap:wrap;gap:2px 26px;margin-top:14px;color:var(--soft)}
        .lost{color:var(--f);font-weight:600}
        .alarm{display:flex;gap:10px;align-items:flex-start;background:var(--t);color:var(--ink);
        border-left:5px solid var(--a);border-radius:4px;padding:11px 14px;margin:14px 0 0}
        .alarm .i{margin-top:.22em}.alarm b{color:var(--a)}
        footer{border-top:1px solid var(--line);margin-top:40px;padding-top:18px;
        padding-bottom:32px}
        footer .quiet{margin-top:16px}footer a{margin-right:10px}

        """

    private static let tables = """
        table{border-collapse:collapse;width:100%}th{text-align:left;font-weight:400}
        thead th{color:var(--soft);font-size:13px;padding:0 12px 6px}
        .num{text-align:right;white-space:nowrap}
        .machines,.consumers{background:var(--card);border-radius:8px;overflow:hidden}
        .machines thead th,.consumers thead th{padding-top:10px;border-bottom:1px solid var(--line)}
        .machines tbody>tr>*,.consumers tbody>tr>*{padding:11px 12px;vertical-align:top;
        border-bottom:1px solid var(--line)}
        .machines tbody tr:last-child>*,.consumers tbody tr:last-child>*{border-bottom:0}
        .machines td:first-child{box-shadow:inset 5px 0 var(--a);padding-left:19px;width:1%}
        .machines thead th:first-child{padding-left:19px}
        .machines tbody th{width:22%}.machines tbody th a{font-weight:650;color:var(--ink);
        text-decoration-color:var(--line)}.sub{display:block;font-size:13px}
        .machines .data{white-space:nowrap;width:1%}.machines tr.n .why{color:var(--soft)}
        .why p+p{margin-top:4px}.do{font-weight:600;color:var(--ink)}
        .consumers tbody th{font-weight:650}
        .signals{font-size:14px}.signals thead th{padding:0 8px 4px 0;font-size:12px}
        .signals tbody>tr>*{padding:4px 8px 4px 0;border-top:1px solid var(--line);
        vertical-align:baseline}.signals tr>:last-child{padding-right:0}
        .signals tbody th{overflow-wrap:break-word}
        .signals td.num:not(.age){font-weight:600;width:1%}
        .signals td.unit{overflow-wrap:anywhere;min-width:3.4em;max-width:7em}.when .badge{margin-right:8px}
        .signals .bad td.num:not(.age){font-weight:400}.age{color:var(--soft)}
        .signals .bad,.signals .uncertain{background:linear-gradient(90deg,var(--ut),transparent)}

        """

    private static let cards = """
        .buffer .kept{display:flex;gap:8px;align-items:center;margin-bottom:10px}
        .buffer .alarm{margin:0 0 12px}.gauge{display:flex;gap:14px;align-items:center}
        .bar{flex:1;height:12px;border-radius:6px;max-width:560px}.track{fill:var(--line)}
        .fill{fill:var(--m)}
        .facts{display:flex;flex-wrap:wrap;gap:12px 34px;margin-top:14px}
        .facts dt{color:var(--soft);font-size:13px}.facts dd{margin:0;font-weight:600;
        overflow-wrap:anywhere}.facts dd code{font-weight:400}
        .cards{columns:2;column-gap:16px}
        article{break-inside:avoid;background:var(--card);border-radius:8px;padding:15px 18px 14px;
        margin-bottom:16px;border-top:5px solid var(--a);scroll-margin-top:12px}
        article.u{border-top-style:dashed}
        h3{font-size:17px;font-weight:650;display:grid;grid-template-columns:1fr auto;gap:0 12px;
        align-items:start;line-height:1.3}h3 .sub{grid-column:1}h3 .badge{grid-area:1/2}
        .conditions,.devices{list-style:none;padding:0;margin-top:10px}
        .conditions li{display:flex;gap:8px;background:none;outline:0;margin-bottom:3px}
        .conditions .i{margin-top:.25em}
        .devices{display:flex;flex-wrap:wrap;gap:3px 18px;font-size:14px;padding-bottom:12px}
        .devices li{background:none;outline:0}.devices b{font-weight:600}
        .dot{display:inline-block;width:.6em;height:.6em;border-radius:50%;background:var(--soft);
        margin-right:7px}.rest{font-size:14px;margin-top:8px;color:var(--soft)}

        """

    private static let narrow = """
        @media(max-width:900px){.cards{columns:1}.tiles{grid-template-columns:repeat(3,1fr)}}
        @media(max-width:640px){header,main,footer{padding-left:14px;padding-right:14px}
        h1{font-size:26px;margin:14px 0}
        .tiles{gap:6px}.tiles li{padding:9px 10px}.tiles b{font-size:22px}
        .tiles span{font-size:12.5px}
        .machines thead,.consumers thead{display:none}
        .machines,.consumers,.machines tbody,.consumers tbody{display:block}
        .machines tr,.consumers tr{display:grid;border-bottom:1px solid var(--line);padding:10px 0}
        .machines tbody>tr>*,.consumers tbody>tr>*{border:0;padding:2px 14px;width:auto}
        .machines tr{grid-template-columns:minmax(0,1fr) auto;
        box-shadow:inset 5px 0 var(--a);padding-left:6px}
        .machines td:first-child{box-shadow:none;padding-left:14px;grid-area:1/2;width:auto}
        .machines tbody th{grid-area:1/1;width:auto}.machines .why{grid-column:1/-1}
        .machines .data{width:auto}
        [data-label]::before{content:attr(data-label)" ";color:var(--soft);font-weight:400}
        .consumers td{text-align:left}.consumers tr{grid-template-columns:1fr 1fr}
        .consumers tbody th,.consumers td:last-child{grid-column:1/-1}article{padding:13px 14px}}

        """

    private static let paper = """
        @media print{:root{--bg:#fff}body{font-size:11px}.when .quiet,footer .quiet{display:none}
        h1{font-size:22px}article,.machines,.consumers{border:1px solid var(--line)}
        .machines tr,.signals tr{break-inside:avoid}
        *{-webkit-print-color-adjust:exact;print-color-adjust:exact}}

        """
}
