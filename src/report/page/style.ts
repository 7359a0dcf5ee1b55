/*
 * The style of all pages. Colours of states are picked to be told apart by their lightness too, and none stands without its word. WCAG 2.2 AA in
 * both themes: axe holds it.
 */
const LIGHT =
  `--bg:#f6f7f9;--card:#fff;--ink:#14181f;--dim:#525b69;--line:#d5dae2;--link:#0b57a8;--room:#dff0e4;--accent:#0b57a8;
--healthy:#2e8b57;--starting:#5b8def;--degraded:#d9a400;--unknown:#8a93a3;--uncertain:#e07b00;--holdover:#c2570c;--nodaemon:#8d4bbb;--unsynchronised:#6f2da8;--adrift:#cf222e;--contradicted:#9b1c4a;--stale:#007c89;
--b-all:#cfe0f5;--b-90:#93bbe8;--b-50:#4f8fd6;--mid:#0a3d7a;--max:#b4540a;--p95:#d98c3f;--skew:#8d4bbb;--gap:#d9dde4`.replaceAll(
    '\n',
    '',
  );
const DARK =
  `--bg:#10141a;--card:#181e27;--ink:#e8ecf2;--dim:#a5afbd;--line:#333d4b;--link:#7fb8f5;--room:#17352a;--accent:#7fb8f5;
--healthy:#4fc07f;--starting:#7ba6f7;--degraded:#f0c33c;--unknown:#8f99a9;--uncertain:#ff9f3d;--holdover:#f0803a;--nodaemon:#c58cf0;--unsynchronised:#b57bea;--adrift:#ff6b6b;--contradicted:#ff5c93;--stale:#3cc3d1;
--b-all:#1d3350;--b-90:#2a5288;--b-50:#4483cc;--mid:#cfe4ff;--max:#f29a4f;--p95:#b8722f;--skew:#c58cf0;--gap:#2b323d`.replaceAll(
    '\n',
    '',
  );

export type Theme = 'light' | 'dark';

/** Its colours by their names, `healthy`, `ink`: for where no style sheet can be. */
export const COLOURS: Readonly<Record<Theme, Readonly<Record<string, string>>>> = {
  light: coloursIn(LIGHT),
  dark: coloursIn(DARK),
};

function coloursIn(declarations: string): Record<string, string> {
  return Object.fromEntries(declarations.split(';').map((each) => each.slice('--'.length).split(':')));
}

export const STYLE = `
:root{color-scheme:light dark;${LIGHT}}
@media(prefers-color-scheme:dark){:root{${DARK}}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;overflow-wrap:anywhere}
header,main,footer{max-width:1560px;margin:0 auto;padding:0 20px}
header{display:flex;flex-wrap:wrap;gap:4px 16px;align-items:baseline;padding-top:14px;padding-bottom:10px}
header b{font-size:17px}
h1{font-size:26px;line-height:1.2;margin:0 0 4px}
h2{font-size:20px;margin:26px 0 10px}
h3{font-size:16px;margin:0;font-weight:600}
p{margin:4px 0 8px}
a{color:var(--link)}
a:focus-visible,summary:focus-visible,select:focus-visible,button:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:3px}
a.id{white-space:nowrap;font:13px/1.3 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
code{font:13px/1.3 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.dim{color:var(--dim)}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.verdict{background:var(--card);border:1px solid var(--line);border-left:10px solid var(--c);border-radius:6px;padding:16px 20px}
.verdict p{margin:0;font-size:17px}
.level-good{--c:var(--healthy)}.level-attention{--c:var(--degraded)}.level-bad{--c:var(--adrift)}
.level-unknown{--c:var(--unknown)}
.pods{display:grid;gap:12px;margin-top:14px}.pods h2{margin:0 0 4px}.pods p{font-size:16px}
.rows{margin:4px 0}.rows div{margin:6px 0}.rows dt{color:var(--dim);font-size:13px}.rows dd{margin:0}
pre{margin:6px 0;padding:8px;background:var(--bg);border-radius:4px;white-space:pre-wrap;font-size:13px}
.raw{white-space:pre;overflow-x:auto;overflow-wrap:normal;font:12px/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;border:1px solid var(--line)}
.entry{border-top:1px solid var(--line);margin-top:8px}.entry h3{font-variant-numeric:tabular-nums}
.notes{padding-left:20px;color:var(--dim)}
.names{margin:8px 0}.names th[scope=row]{font-weight:400;color:var(--ink)}
#history{margin-top:12px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(210px,1fr));gap:12px;margin:12px 0 0;padding:0}
.tile{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:10px 14px;margin:0}
.tile dt{color:var(--dim);font-size:14px}
.tile dd{margin:0;font-size:26px;font-weight:600;line-height:1.25;font-variant-numeric:tabular-nums}
.tile dd+dd{font-size:14px;font-weight:400;color:var(--dim)}
.two{display:grid;grid-template-columns:minmax(0,1fr);gap:12px;margin-top:12px;align-items:start}.two>div{display:grid;grid-template-columns:minmax(0,1fr);gap:12px;align-content:start}
.panel{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:6px 18px 12px}
.panel ul{padding-left:20px;margin:4px 0}
.panel li{margin:3px 0}
.panel h2{margin:8px 0 6px}
.panel h3{margin:10px 0 2px}
.chain svg,.gauge,.bar{width:100%;height:auto;display:block}
.chain text{fill:var(--ink);font-size:13px}
.chain .head{fill:var(--dim);font-size:12px}
.chain .detail{fill:var(--dim);font-size:12px;font-weight:400}
.chain .name{font-weight:600}
.narrow text{font-size:12px}.narrow .detail,.narrow .head{font-size:11px}
.box{fill:var(--bg);stroke:var(--line)}
.link{fill:none;stroke:var(--accent);opacity:.55}
.link.faint{opacity:.3}
.link.deaf{stroke:var(--dim);stroke-dasharray:2 5;opacity:.6}
.wide{display:none}
.fill{fill:var(--c)}
.s-healthy{--c:var(--healthy)}.s-starting{--c:var(--starting)}.s-degraded{--c:var(--degraded)}.s-unknown{--c:var(--unknown)}.s-uncertain{--c:var(--uncertain)}.s-holdover{--c:var(--holdover)}.s-no-daemon{--c:var(--nodaemon)}.s-unsynchronised{--c:var(--unsynchronised)}.s-adrift{--c:var(--adrift)}.s-contradicted{--c:var(--contradicted)}.s-stale{--c:var(--stale)}
.badge{display:inline-block;white-space:nowrap;font-size:13px;font-weight:600;line-height:1.4;padding:0 8px;border:1px solid var(--c);border-radius:10px}
.badge::before{content:"";display:inline-block;width:9px;height:9px;border-radius:50%;background:var(--c);margin-right:6px}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,380px),1fr));gap:14px;align-items:start}
.card{background:var(--card);border:1px solid var(--line);border-top:5px solid var(--c);border-radius:6px;padding:10px 14px}
.card h3 a{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:14px}
.card p{margin:0;font-size:14px}
.said{padding-left:18px;margin:6px 0;font-size:15px}
.numbers{display:flex;flex-wrap:wrap;gap:4px 18px;margin:6px 0;font-size:14px}
.numbers dt{color:var(--dim);font-size:12px}
.numbers dd{margin:0;font-variant-numeric:tabular-nums}
.gauge{max-width:420px;margin:4px 0}
.gauge text{fill:var(--dim);font-size:12px}
.room{fill:var(--room)}
.axis{stroke:var(--dim);fill:none}
.limit{stroke:var(--adrift);stroke-dasharray:4 3;stroke-width:1.5}
.limit.far{opacity:.55}
.doubt{stroke:var(--accent);stroke-width:3;fill:none}
.dot{fill:var(--accent)}
.doubt.over{stroke:var(--adrift)}.dot.over{fill:var(--adrift)}
table{border-collapse:collapse;width:100%;font-size:14px}
caption{text-align:left;color:var(--dim);padding:4px 0}
th{text-align:left;font-weight:600;color:var(--dim);font-size:13px}
td,th{padding:4px 8px 4px 0;border-top:1px solid var(--line);vertical-align:top}
thead th{border-top:0}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.sources td:last-child,.sources th:last-child{text-align:right;padding-right:0}
.disbelieved td{color:var(--adrift)}
.hosts td:first-child{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.roomy{display:none}
.reach{display:inline-flex;gap:2px;vertical-align:-1px}
.reach b,.reach i{width:9px;height:14px;border-radius:1px;background:var(--healthy)}
.reach i{background:none;border:1px solid var(--dim)}
details{margin:8px 0}
summary{cursor:pointer;font-weight:600;padding:4px 0}
form{display:flex;flex-wrap:wrap;gap:10px 16px;align-items:end;margin:8px 0}
label{display:flex;flex-direction:column;font-size:13px;color:var(--dim)}
select,button{font:inherit;font-size:15px;color:var(--ink);background:var(--card);border:1px solid var(--dim);border-radius:4px;padding:5px 8px;min-height:34px}
button{background:var(--link);color:var(--bg);border-color:var(--link);padding:5px 18px;font-weight:600}
nav{margin:10px 0}
nav a{display:inline-block;padding:2px 6px}
.charts{display:grid;grid-template-columns:minmax(0,1fr);gap:12px}
.chart{margin:0;background:var(--card);border:1px solid var(--line);border-radius:6px;padding:10px 14px}
.chart figcaption{font-weight:600;font-size:15px;margin-bottom:6px}
.frame{display:grid;grid-template-columns:64px minmax(0,1fr)}
.frame text{fill:var(--dim);font-size:12px;font-variant-numeric:tabular-nums}
.plot{width:100%;border:1px solid var(--line);border-width:0 0 1px 1px;display:block}
.plot path{vector-effect:non-scaling-stroke}
.x{grid-column:2;width:100%}
.grid{stroke:var(--line);fill:none}
.gap{fill:var(--gap)}
.b-all,.k-all{fill:var(--b-all);background:var(--b-all)}.b-90,.k-90{fill:var(--b-90);background:var(--b-90)}.b-50,.k-50{fill:var(--b-50);background:var(--b-50)}
.l-mid{stroke:var(--mid);stroke-width:1.8;fill:none}.k-mid{background:var(--mid)}
.l-max{stroke:var(--max);stroke-width:1.8;fill:none}.k-max{background:var(--max)}
.l-p95{stroke:var(--p95);stroke-width:1.5;fill:none}.k-p95{background:var(--p95)}
.l-skew{stroke:var(--skew);stroke-width:1.5;fill:none}.k-skew{background:var(--skew)}
.b-reach{fill:var(--b-50)}.k-reach{background:var(--b-50)}
.l-stale{stroke:var(--stale);stroke-width:2;fill:none}.k-stale{background:var(--stale)}
.l-limit{stroke:var(--adrift);stroke-dasharray:6 4;stroke-width:1.5;fill:none}.k-limit{background:var(--adrift)}
.k-gap{background:var(--gap);outline:1px solid var(--dim)}
.e-cycled{stroke:var(--stale);stroke-width:3;fill:none;background:var(--stale)}.e-dns{stroke:var(--nodaemon);stroke-width:3;fill:none;background:var(--nodaemon)}
.e-cycled.thin{stroke-width:2;stroke-dasharray:2 3}
.legend{display:flex;flex-wrap:wrap;gap:2px 16px;list-style:none;margin:4px 0 0;padding:0;font-size:13px;color:var(--dim)}
.legend i{display:inline-block;width:14px;height:10px;border-radius:2px;margin-right:6px}
.legend i[class^="s-"]{background:var(--c)}
.legend .k-limit,.legend .k-mid,.legend .k-max,.legend .k-p95,.legend .k-skew,.legend .k-stale{height:3px;vertical-align:4px}
.scroll{overflow-x:auto}
.scroll td,.scroll th{white-space:nowrap;padding-right:16px;font-variant-numeric:tabular-nums}
footer{padding-top:24px;padding-bottom:28px;color:var(--dim);font-size:14px}
@media(min-width:700px){.roomy{display:table-cell}.wide{display:block}.narrow{display:none}}
@media(max-width:699px){header,main,footer{padding-left:12px;padding-right:12px}h1{font-size:21px}h1.one{font-size:20px}.odd{display:none}.tiles{grid-template-columns:1fr 1fr}.tile:last-child:nth-child(odd){grid-column:1/-1}.tile dd{font-size:21px}.hosts{font-size:13px}.hosts td:first-child{font-size:11px}.badge{font-size:12px;padding:0 6px}td,th{padding-right:5px}.legend{font-size:12px}.panel{padding:6px 12px 10px}}
@media(min-width:1100px){.two{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}.charts{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}.charts.one{grid-template-columns:minmax(0,1fr)}}
`.replaceAll('\n', '');
