// One platform becomes three times slower halfway through, and nothing is trained anew.
#include "pipeline/logged_requests.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sy = switchyard;

namespace {

constexpr double drift_ms = logged::start_ms + 600'000;

/// Median latency: ECS is a third faster, and from the drift on twice as slow.
[[nodiscard]] double median_ms(sy::Platform platform, sy::Workload workload, double sent_ms) {
  constexpr std::array lambda_ms = {150.0, 600.0, 1500.0, 4500.0};
  const double of_lambda = lambda_ms[static_cast<std::size_t>(workload)];
  if (platform == sy::Platform::lambda) return of_lambda;
  return of_lambda / 1.5 * (sent_ms >= drift_ms ? 3 : 1);
}

/// Twenty minutes at ten requests a second, spread over both platforms by chance.
[[nodiscard]] std::vector<sy::LoggedRequest> drifting_log(std::uint64_t seed) {
  sy::Rng draw(seed);
  std::vector<sy::LoggedRequest> requests;
  for (double now_ms = logged::start_ms; now_ms < logged::start_ms + 1'200'000; now_ms += draw.exponential(100)) {
    const auto platform = static_cast<sy::Platform>(draw.below(2));
    const auto workload = static_cast<sy::Workload>(draw.below(4));
    const double latency_ms = median_ms(platform, workload, now_ms) * std::exp(0.3 * draw.normal());
    requests.push_back({{platform, workload, sy::default_catalogue().workload(workload).sizes_kb[draw.below(4)], now_ms,
                         requests.size() + 1},
                        now_ms + latency_ms,
                        sy::Outcome::ok});
  }
  return requests;
}

}  // namespace

TEST_CASE("the lower expected latency is right again within a minute of a drift") {
  int asked_before = 0, right_before = 0, asked_at_once = 0, right_at_once = 0, asked_after = 0, right_after = 0;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const auto requests = drifting_log(seed);
    const auto features = logged::features_of(requests);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const double since_ms = requests[i].sent.sent_ms - drift_ms;
      const bool lambda_expected = features[i][0] > 0;
      const bool right = lambda_expected == (since_ms >= 0);
      if (since_ms >= -300'000 && since_ms < 0) ++asked_before, right_before += right ? 1 : 0;
      if (since_ms >= 0 && since_ms < 1000) ++asked_at_once, right_at_once += right ? 1 : 0;
      if (since_ms >= 60'000 && since_ms < 120'000) ++asked_after, right_after += right ? 1 : 0;
    }
  }
  const auto share = [](int right, int asked) { return static_cast<double>(right) / asked; };
  INFO(share(right_before, asked_before) << ' ' << share(right_at_once, asked_at_once) << ' '
                                         << share(right_after, asked_after));
  CHECK(share(right_before, asked_before) > 0.95);
  CHECK(share(right_at_once, asked_at_once) < 0.3);  // nobody can know yet
  CHECK(share(right_after, asked_after) > 0.95);
}
