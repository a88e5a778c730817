"""How pictures look: one sheet for SVG and page, light and dark, on screens and on paper."""

STYLE = """
:root{--paper:#fff;--ink:#1d2129;--soft:#626b7a;--rule:#cfd5de;--fill:#f2f5f9;--data:#1659b7;
--end:#6b7280;--bad:#b3261e;--state:#0b6b3a;--second:#a35b00}
@media (prefers-color-scheme:dark){:root{--paper:#14171c;--ink:#e6e9ee;--soft:#9aa4b3;--rule:#3a424e;
--fill:#1f242c;--data:#7db4ff;--end:#98a1af;--bad:#ff8a80;--state:#6fd39b;--second:#f0b35c}}
@media print{:root{--paper:#fff;--ink:#000;--soft:#444;--rule:#999;--fill:#f4f4f4;--data:#1659b7;
--end:#555;--bad:#b3261e;--state:#0b6b3a;--second:#a35b00}}
svg{font:12px ui-sans-serif,system-ui,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;
color-scheme:light dark}
svg text{fill:var(--ink);paint-order:stroke;stroke:var(--paper);stroke-width:3px}
.who text,.state text{stroke:none}
.paper{fill:var(--paper)}
.who rect{fill:var(--fill);stroke:var(--rule)}
.who text{text-anchor:middle}
.name{font-weight:600}
.who .file{font-size:11px;fill:var(--soft)}
.stranger{stroke-dasharray:4 3}
.life{stroke:var(--rule);stroke-width:1.5}
svg .time{font-size:10.5px;fill:var(--soft)}
.arrow path{fill:none;stroke:var(--data);stroke-width:1.5}
.arrow .reach{stroke:transparent;stroke-width:12}
.arrow .head{fill:var(--data)}
.arrow text,.call{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.connect path,.end path{stroke:var(--end);stroke-dasharray:5 3}
.connect .head,.end .head{fill:var(--end);stroke-dasharray:none}
.lost path,.lost .cross{stroke:var(--bad);stroke-dasharray:none}
svg .lost text,svg .error{fill:var(--bad)}
.lost .cross{stroke-width:2.5}
svg .note{font-size:11px;fill:var(--soft);font-style:italic}
.dot{fill:var(--soft)}
.state rect{fill:var(--paper);stroke:var(--state)}
svg .state text{fill:var(--state);font-size:11px;text-anchor:middle}
.unit{font-weight:400;fill:var(--soft);font-size:11px}
.zero{stroke:var(--soft)}
.column{fill:transparent}
.column:hover{fill:var(--rule);fill-opacity:.5}
.bar{fill:var(--c);fill-opacity:.8}
.curve{fill:none;stroke:var(--c);stroke-width:1.6}
svg .key{fill:var(--c);font-size:11px}
.dots{fill:var(--c)}
.mark{stroke:var(--bad);stroke-opacity:.25;stroke-width:1}
.fault{fill:var(--bad)}
.s0{--c:var(--data)}
.s1{--c:var(--second)}
.s2{--c:var(--bad)}
.s3{--c:var(--state)}
.s4{--c:#8a56c9}
.s5{--c:#0f8b8d}
.s6{--c:#b0509a}
.s7{--c:var(--soft)}
"""
"""For the SVG itself."""

PAGE = """
*{box-sizing:border-box}
body{margin:0 auto;padding:16px 20px 40px;max-width:1100px;background:var(--paper);color:var(--ink);
font:15px/1.5 ui-sans-serif,system-ui,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;
color-scheme:light dark}
h1,h2,h3,p{overflow-wrap:anywhere}
h1{font-size:22px;margin:8px 0 2px}
h2{font-size:17px;margin:28px 0 6px}
h3{font-size:14px;margin:22px 0 2px}
summary{cursor:pointer;color:var(--soft)}
p{margin:4px 0 14px;color:var(--soft)}
.picture{overflow-x:auto;margin:12px 0}
.picture>div{margin:0 auto}
.picture svg{display:block;width:100%;height:auto;break-inside:avoid}
table{border-collapse:collapse;width:100%;font-size:13px}
th{text-align:left;font-weight:600;border-bottom:1px solid var(--rule);padding:4px 10px 4px 0}
td{vertical-align:top;border-bottom:1px solid var(--rule);padding:4px 10px 4px 0;overflow-wrap:anywhere}
tr{break-inside:avoid}
td.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums;color:var(--soft)}
code{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
td.who{min-width:5em}
td small{display:block;color:var(--soft);font-size:12px}
.bad{color:var(--bad)}
@media (max-width:600px){body{padding:10px 10px 30px}
.when{display:none}}
@media print{body{padding:0;max-width:none}
.picture{overflow:visible}}
"""
"""For a page around it."""
