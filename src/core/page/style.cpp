#include "core/page/style.hpp"

namespace koku::page {

// Fills are of the palette of Okabe and Ito, which colour-blind readers tell apart; texts have a contrast of 4.5 to 1
// or more. Neither '<' nor '&' occur: the page is well-formed XML.
const std::string_view style_sheet = R"(
:root{color-scheme:light dark;--ink:#1a2027;--muted:#57606a;--paper:#fff;--card:#f6f8fa;--line:#d5dbe1;--grid:#e3e8ed;
--link:#0a58a8;--good:#00664b;--bad:#a33c00;--own:#0072b2;--platform:#e69f00;--worker:#56b4e9;--gpu:#009e73;
--storage:#cc79a7;--network:#b8a900;--before:#8a949e;--requested:#b9d9ee;--full:#009e73;--part:#e69f00;--none:#d55e00}
@media screen and (prefers-color-scheme:dark){:root{--ink:#e6edf3;--muted:#a3adb8;--paper:#0f141a;--card:#171d25;
--line:#303843;--grid:#262d36;--link:#79b8ff;--good:#4fd1a5;--bad:#ffa166;--own:#2f8fd0;--worker:#9bd6f7;--before:#7d8792;--requested:#27506b;
--network:#f0e442;--none:#ff7a2e}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",
Arial,sans-serif;font-variant-numeric:tabular-nums}
header,main,footer,nav{max-width:1180px;margin:0 auto;padding:0 24px}
header{padding-top:32px}
h1{font-size:30px;line-height:1.2;margin:0;letter-spacing:-.01em}
h2{font-size:20px;line-height:1.3;margin:0 0 4px}
h3{font-size:16px;margin:24px 0 6px}
p{margin:6px 0;max-width:78ch}
a{color:var(--link)}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:3px solid var(--own);outline-offset:2px;border-radius:3px}
bdi{overflow-wrap:anywhere}
.eyebrow{color:var(--muted);font-size:13px;font-weight:600;letter-spacing:.08em;text-transform:uppercase;margin:0 0 6px}
.facts{display:flex;flex-wrap:wrap;gap:4px 28px;margin:12px 0 0;padding:0}
.facts div{display:flex;gap:8px}
.facts dt{color:var(--muted)}
.facts dd{margin:0;font-weight:600}
.note{border-left:4px solid var(--platform);background:var(--card);padding:10px 14px;margin:18px 0 0;max-width:none}
.muted{color:var(--muted)}
nav{margin-top:20px}
nav ul{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;margin:0;padding:10px 0;border-block:1px solid var(--line)}
section{padding:36px 0 0}
.tiles{display:grid;grid-template-columns:repeat(3,1fr);gap:14px;margin:10px 0 0;padding:0}
.tiles div{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px}
.tiles dt{color:var(--muted);font-size:13px;font-weight:600}
.tiles dd{margin:0}
.tiles .big{font-size:27px;font-weight:650;line-height:1.25;letter-spacing:-.01em}
.tiles .unit{font-size:15px;font-weight:500;color:var(--muted)}
.tiles .small{color:var(--muted);font-size:13.5px}
.up{color:var(--bad);font-weight:600}
.down{color:var(--good);font-weight:600}
.bad{color:var(--bad);font-weight:600}
.good{color:var(--good);font-weight:600}
.scroll{overflow-x:auto;margin:10px 0 0}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;padding:6px 12px 6px 0;border-bottom:1px solid var(--grid);vertical-align:middle}
th:last-child,td:last-child{padding-right:2px}
thead th{color:var(--muted);font-size:12.5px;font-weight:600;border-bottom:1px solid var(--line);vertical-align:bottom;white-space:normal}
tbody th{font-weight:500;min-width:130px;max-width:340px}
tbody tr:hover{background:var(--card)}
.n{text-align:right;white-space:nowrap}
.sum th,.sum td{font-weight:650;border-top:1px solid var(--line)}
.bar{width:26%;min-width:120px}
.take{margin:4px 0 0;text-align:right;max-width:none;font-size:13px}
.hidden{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
svg{display:block}
.spark{width:100%;height:16px}
.strip{width:100%;height:24px;min-width:220px}
.chart{width:100%;height:auto;max-width:980px;margin-top:10px}
.days{width:100%;max-width:620px;height:auto;margin:8px 0}
.own{fill:var(--own)}.platform{fill:var(--platform)}.worker{fill:var(--worker)}.gpu{fill:var(--gpu)}
.idle{fill:var(--before)}.storage{fill:var(--storage)}.network{fill:var(--network)}
.requested{fill:var(--requested)}.used{fill:var(--own)}.limit{fill:var(--ink)}
.full{fill:var(--full)}.part{fill:var(--part)}.part-ground{fill:var(--grid)}.none{fill:none;stroke:var(--none);stroke-width:1.4;vector-effect:non-scaling-stroke}
.grid{stroke:var(--grid);stroke-width:1}
.axis{fill:var(--muted);font-size:12px}
.line{fill:none;stroke:var(--own);stroke-width:2.6;stroke-linejoin:round}
.dot{fill:var(--own)}
.line.before{stroke:var(--before);stroke-dasharray:7 4;stroke-width:2}
.dot.before{fill:var(--before)}
.line.ahead{stroke-dasharray:2 5;stroke-linecap:round}
.band{fill:var(--own);fill-opacity:.14}
.label{fill:var(--ink);font-size:12.5px;font-weight:600}
.label.before{fill:var(--muted)}
.key{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;margin:8px 0 0;padding:0;font-size:13.5px;color:var(--muted)}
.key svg{display:inline-block;width:14px;height:14px;vertical-align:-2px;margin-right:6px}
details{border:1px solid var(--line);border-radius:8px;margin:10px 0 0;background:var(--paper)}
summary{cursor:pointer;padding:10px 14px;font-weight:600}
summary .n{float:right;font-weight:500;color:var(--muted)}
details .inner{padding:0 14px 14px}
.split{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:0 36px}
.split table{margin:0}
.definitions dt{font-weight:600;margin-top:8px}
.definitions dd{margin:0;max-width:78ch}
footer{padding-top:36px;padding-bottom:48px;color:var(--muted);font-size:13px}
@media (max-width:640px){header,main,footer,nav{padding-left:14px;padding-right:14px}h1{font-size:24px}
.tiles{grid-template-columns:repeat(2,1fr)}.tiles .big{font-size:22px}.tiles div{padding:10px 12px}
.chart{min-width:620px}.bar{min-width:110px}.days .axis{font-size:22px}}
@media print{@page{size:A4;margin:14mm 12mm}body{font-size:10.5px}header,main,footer,nav{max-width:none;padding:0}
h1{font-size:22px}h2{font-size:15px;break-after:avoid}h3{break-after:avoid}nav,.take{display:none}.scroll{overflow:visible}
table{font-size:9px}thead th{font-size:8.5px}th,td{padding:3px 5px 3px 0}tbody th{min-width:0}.bar{min-width:50px;width:18%}.strip{min-width:100px}
tr,.tiles div,svg{break-inside:avoid}section{padding-top:18px}.tiles{grid-template-columns:repeat(3,1fr);gap:8px}
.tiles .big{font-size:18px}a{color:inherit;text-decoration:none}details{border:0}summary{padding:8px 0;list-style:none}
details::details-content{content-visibility:visible;block-size:auto}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
)";

}  // namespace koku::page
