#pragma once

#include "switchyard/core/text.hpp"
#include "switchyard/metric/interval.hpp"
#include "switchyard/pipeline/acceptance.hpp"
#include "switchyard/pipeline/svg.hpp"

#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard::detail {

/// Looks of the report's text and tables; pictures bring their own. Wide tables and pictures scroll within the page
/// instead of shrinking, so that a phone shows readable numbers.
[[nodiscard]] inline std::string report_stylesheet() {
  return R"css(:root{color-scheme:light dark;--text:#1f2933;--quiet:#5f6b77;--line:#dde2e7;--page:#ffffff;--panel:#f5f7f9;
--good:#006b4e;--bad:#b03a00;--open:#6b5500;--good-bg:#dff3ec;--bad-bg:#fce7dc;--open-bg:#f7efcf}
@media (prefers-color-scheme:dark){:root{--text:#e8ebee;--quiet:#a3aeb9;--line:#303942;--page:#14191e;--panel:#1c232a;
--good:#6fdcb8;--bad:#ffb08a;--open:#f0d77a;--good-bg:#12382d;--bad-bg:#44240f;--open-bg:#3a320f}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:1240px;margin:0 auto;padding:1.5rem 1.25rem 4rem}
h1{font-size:1.05rem;font-weight:600;color:var(--quiet);margin:0 0 .5rem;overflow-wrap:anywhere}
h2{font-size:1.3rem;margin:2.75rem 0 .5rem;padding-top:.75rem;border-top:1px solid var(--line)}
h3{font-size:1rem;margin:1.5rem 0 .4rem}
p,li{max-width:75ch;overflow-wrap:anywhere}
p{margin:.5rem 0}
.headline{font-size:1.35rem;line-height:1.4;max-width:60ch;margin:.25rem 0 1rem}
.quiet,figcaption{color:var(--quiet);font-size:.875rem}
nav{font-size:.9rem;margin:1rem 0}
nav a{margin-right:1rem;white-space:nowrap}
a{color:inherit}
figure{margin:1rem 0;min-width:0}
figcaption{max-width:75ch;margin-top:.25rem}
.scroll{overflow-x:auto}
.scroll .sy-plot{min-width:640px}
.square .scroll .sy-plot{min-width:350px}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,470px),1fr));gap:0 2rem}
table{border-collapse:collapse;font-size:.9rem;margin:.5rem 0}
th,td{padding:.4rem .7rem .4rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
thead th{color:var(--quiet);font-weight:600;font-size:.8rem;vertical-align:bottom}
tbody th{font-weight:400;position:sticky;left:0;background:var(--page)}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
td.n{white-space:nowrap}
td small{display:block;color:var(--quiet);font-size:.74rem}
tr.chosen th,tr.chosen td{background:var(--panel)}
tr.chosen th{font-weight:600}
.verdict{font-weight:600;font-size:.8rem;border-radius:3px;padding:.05rem .4rem;white-space:nowrap}
.pass{color:var(--good);background:var(--good-bg)}
.fail{color:var(--bad);background:var(--bad-bg)}
.unknown{color:var(--open);background:var(--open-bg)}
.warnings{max-width:80ch;padding:.75rem 1rem .75rem 2rem;background:var(--open-bg);border-radius:4px;margin:.75rem 0}
code{font-size:.875em;overflow-wrap:anywhere}
pre{background:var(--panel);padding:.75rem 1rem;border-radius:4px;overflow-x:auto;white-space:pre-wrap}
@media print{:root,.sy-plot{color-scheme:light}body{font-size:10.5pt}main{max-width:none;padding:0}nav{display:none}
.scroll{overflow:visible}.scroll .sy-plot,.square .scroll .sy-plot{min-width:0}figure,tr{break-inside:avoid}h2,h3{break-after:avoid}
table{font-size:7.5pt}td small{font-size:6.5pt}th,td{padding-right:.35rem}}
)css";
}

/// Text as HTML; whatever a dataset is called, it stays text.
[[nodiscard]] inline std::string html(std::string_view text) { return svg_escaped(text); }

/// A number for a table; a dash where there is none.
[[nodiscard]] inline std::string html_number(double value, int decimals) {
  return std::isfinite(value) ? format_fixed(value, decimals) : "\u2013";
}

/// "+0.012" or "-0.003".
[[nodiscard]] inline std::string html_signed(double value, int decimals) {
  return (value >= 0 ? "+" : "") + html_number(value, decimals);
}

/// A number with its interval below it, small.
[[nodiscard]] inline std::string html_estimate(double value, const Interval& interval, int decimals,
                                               bool with_sign = false) {
  const std::string number = with_sign ? html_signed(value, decimals) : html_number(value, decimals);
  if (!std::isfinite(interval.low) || !std::isfinite(interval.high)) return number;
  return number + "<small>[" + format_fixed(interval.low, decimals) + ", " + format_fixed(interval.high, decimals) +
         "]</small>";
}

/// "82.1 %"
[[nodiscard]] inline std::string percent(double share, int decimals = 1) {
  return std::isfinite(share) ? format_fixed(100 * share, decimals) + " %" : "an unknown share";
}

[[nodiscard]] inline std::string html_verdict(Verdict verdict) {
  const char* look = verdict == Verdict::pass ? "pass" : verdict == Verdict::fail ? "fail" : "unknown";
  return "<span class=\"verdict " + std::string(look) + "\">" + to_string(verdict) + "</span>";
}

/// `content` is HTML.
[[nodiscard]] inline std::string paragraph(const std::string& content, const char* look = "") {
  return *look == '\0' ? "<p>" + content + "</p>\n" : "<p class=\"" + std::string(look) + "\">" + content + "</p>\n";
}

[[nodiscard]] inline std::string section(const char* id, const std::string& title, const std::string& content) {
  return "<section id=\"" + std::string(id) + "\">\n<h2>" + html(title) + "</h2>\n" + content + "</section>\n";
}

/// A picture with its caption (HTML). look "square": may shrink to the width of a phone.
[[nodiscard]] inline std::string figure(const std::string& svg, const std::string& caption, const char* look = "wide") {
  return "<figure class=\"" + std::string(look) + "\"><div class=\"scroll\" tabindex=\"0\">" + svg +
         "</div><figcaption>" + caption + "</figcaption></figure>\n";
}

/// A table being written. Cells are HTML; the first column holds the rows' names, and of the others those from
/// `first_number` to `last_number` hold numbers.
class HtmlTable {
 public:
  static constexpr std::size_t no_column = static_cast<std::size_t>(-1);

  /// caption: HTML, may be empty. header: text.
  HtmlTable(const std::string& caption, const std::vector<std::string>& header, std::size_t first_number = no_column,
            std::size_t last_number = no_column)
      : first_number_(first_number), last_number_(last_number) {
    if (!caption.empty()) body_ = paragraph(caption, "quiet");
    body_ += "<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr>";
    for (std::size_t i = 0; i < header.size(); ++i)
      body_ += "<th scope=\"col\"" + look(i) + ">" + html(header[i]) + "</th>";
    body_ += "</tr></thead><tbody>\n";
  }

  void add(const std::vector<std::string>& cells, bool chosen = false) {
    body_ += chosen ? "<tr class=\"chosen\">" : "<tr>";
    for (std::size_t i = 0; i < cells.size(); ++i) {
      body_ += i == 0 ? "<th scope=\"row\">" + cells[i] + "</th>" : "<td" + look(i) + ">" + cells[i] + "</td>";
    }
    body_ += "</tr>\n";
  }

  [[nodiscard]] std::string str() const { return body_ + "</tbody></table></div>\n"; }

 private:
  [[nodiscard]] std::string look(std::size_t column) const {
    return column >= first_number_ && column <= last_number_ ? " class=\"n\"" : "";
  }

  std::size_t first_number_;
  std::size_t last_number_;
  std::string body_;
};

}  // namespace switchyard::detail
