#include "collect_tally.hpp"

#include "switchyard/core/statistics.hpp"
#include "switchyard/core/text.hpp"

#include <algorithm>
#include <iomanip>
#include <ostream>

namespace switchyard::tools {

void CollectTally::add(const LogRow& row) {
  const Observation& seen = row.observation;
  Side& side = sides_[static_cast<std::size_t>(seen.platform)];
  ++rows_;
  ++side.by_outcome[static_cast<std::size_t>(seen.outcome)];
  if (seen.ok()) side.response_times_ms.push_back(seen.response_time_ms);
  if (seen.outcome != Outcome::not_sent) send_lags_ms_.push_back(seen.sent_at_ms - row.scheduled_at_ms);
}

void CollectTally::print(std::ostream& out) const {
  const auto& lambda = sides_[static_cast<std::size_t>(Platform::lambda)];
  const auto& ecs = sides_[static_cast<std::size_t>(Platform::ecs)];
  const auto line = [&out](std::string_view name, const std::string& left, const std::string& right) {
    out << std::left << std::setw(16) << name << std::right << std::setw(12) << left << std::setw(12) << right << '\n';
  };
  line("rows", "lambda", "ecs");
  for (std::size_t i = 0; i < outcomes; ++i) {
    if (lambda.by_outcome[i] + ecs.by_outcome[i] == 0) continue;
    const auto outcome = static_cast<Outcome>(i);
    line(outcome == Outcome::ok ? "ok" : to_string(outcome),
         format_count(static_cast<std::int64_t>(lambda.by_outcome[i])),
         format_count(static_cast<std::int64_t>(ecs.by_outcome[i])));
  }
  const auto time = [](const Side& side, double level) {
    return side.response_times_ms.empty() ? std::string("-")
                                          : format_fixed(quantile(side.response_times_ms, level), 0) + " ms";
  };
  line("response p50", time(lambda, 0.50), time(ecs, 0.50));
  line("response p95", time(lambda, 0.95), time(ecs, 0.95));
  if (send_lags_ms_.empty()) return;
  const double high_lag_ms = quantile(send_lags_ms_, 0.99);
  out << "send lag: p99 " << format_fixed(high_lag_ms, 1) << " ms, at most "
      << format_fixed(*std::max_element(send_lags_ms_.begin(), send_lags_ms_.end()), 1) << " ms\n"
      << lag_warning(high_lag_ms);
}

std::string CollectTally::lag_warning(double high_lag_ms) const {
  constexpr double tolerated_share = 0.1;
  double fastest_ms = -1;
  for (const Side& side : sides_) {
    if (side.response_times_ms.empty()) continue;
    const double middle_ms = median(side.response_times_ms);
    fastest_ms = fastest_ms < 0 ? middle_ms : std::min(fastest_ms, middle_ms);
  }
  if (fastest_ms < 0 || high_lag_ms <= tolerated_share * fastest_ms) return {};
  return "warning: requests left up to " + format_fixed(high_lag_ms, 0) +
         " ms (p99) after their time, more than a tenth of the " + format_fixed(fastest_ms, 0) +
         " ms an answer takes: the load was less even than planned. "
         "Use a faster machine, a lower rate or more --connections.\n";
}

}  // namespace switchyard::tools
