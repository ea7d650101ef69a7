#include "switchyard/cloud/plan.hpp"

#include "switchyard/cloud/schedule.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace sy = switchyard;

namespace {

sy::RunPlan run_of(std::vector<sy::Phase> phases, double cycle_to_s = 0) {
  return {.name = "r",
          .window = "midday",
          .load_pattern = "low_load",
          .phases = std::move(phases),
          .cycle_to_s = cycle_to_s};
}

sy::Experiment experiment_of(sy::RunPlan run) {
  sy::Experiment experiment = sy::default_experiment();
  experiment.runs = {std::move(run)};
  return experiment;
}

std::uint64_t arrivals(const sy::Experiment& experiment) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < experiment.runs.size(); ++i) count += sy::Schedule(experiment, i, 42).count();
  return count;
}

}  // namespace

TEST_CASE("The default plan has the requirements' arrivals, with the burst cycled or as written") {
  CHECK(arrivals(sy::default_experiment()) == 184'500);
  CHECK(arrivals(sy::default_experiment(false)) == 157'500);
  const std::vector<std::uint64_t> per_run = {18'000, 54'000, 54'000, 40'500, 18'000};
  const auto experiment = sy::default_experiment();
  for (std::size_t i = 0; i < per_run.size(); ++i) CHECK(sy::Schedule(experiment, i, 1).count() == per_run[i]);
}

TEST_CASE("Every default request is sent in its run's window") {
  const auto experiment = sy::default_experiment();
  for (std::size_t i = 0; i < experiment.runs.size(); ++i) {
    const sy::Schedule schedule(experiment, i, 42);
    for (const std::uint64_t seq : {std::uint64_t{0}, schedule.count() / 2, schedule.count() - 1}) {
      const auto time = experiment.catalogue.local_time(schedule.run().start_ms + schedule.at(seq).offset_ms);
      CHECK(experiment.catalogue.name(experiment.catalogue.window_of_hour(time.hour)) == schedule.run().window);
      CHECK(time.weekday == 1);
    }
  }
}

TEST_CASE("Arrivals at a constant rate are evenly spaced") {
  const sy::ArrivalTimes times(run_of({{"", 2, 5, {}}}), 1);
  REQUIRE(times.count() == 10);
  for (std::uint64_t k = 0; k < 10; ++k) CHECK(times.at(k) == Approx(0.2 * static_cast<double>(k)).margin(1e-12));
}

TEST_CASE("A ramp's arrivals are where the integral of its rate is a whole number") {
  // From 0 by 2 per second, per second: integral t^2, so arrival k comes at sqrt(k).
  const sy::ArrivalTimes up(run_of({{"", 4, 0, 8.0}}), 1);
  REQUIRE(up.count() == 16);
  for (std::uint64_t k = 0; k < 16; ++k) CHECK(up.at(k) == Approx(std::sqrt(static_cast<double>(k))).margin(1e-12));
  // From 8 to 0: integral 8 t - t^2.
  const sy::ArrivalTimes down(run_of({{"", 4, 8, 0.0}}), 1);
  REQUIRE(down.count() == 16);
  for (std::uint64_t k = 0; k < 16; ++k) {
    const double t = down.at(k);
    CHECK(8 * t - t * t == Approx(static_cast<double>(k)).margin(1e-9));
  }
}

TEST_CASE("Arrival times agree with a rate integrated in small steps") {
  const std::vector<sy::Phase> phases = {{"a", 3, 2, {}}, {"pause", 2, 0, {}}, {"b", 5, 1, 7.0}, {"c", 1.7, 3, 2.0}};
  const sy::ArrivalTimes times(run_of(phases), 1);
  constexpr double step = 1e-5;
  double integral = 0;
  double start = 0;
  std::uint64_t next = 0;
  for (const auto& phase : phases) {
    const auto steps = static_cast<int>(std::lround(phase.duration_s / step));
    for (int i = 0; i < steps; ++i) {
      if (next < times.count() && integral >= static_cast<double>(next) - 1e-9) {
        CHECK(times.at(next) == Approx(start + i * step).margin(3 * step + (next == 6 ? 2.0 : 0.0)));
        ++next;
      }
      const double t = (i + 0.5) * step;
      const double slope = (phase.ramp_to.value_or(phase.arrival_rate) - phase.arrival_rate) / phase.duration_s;
      integral += step * (phase.arrival_rate + slope * t);
    }
    start += phase.duration_s;
  }
  CHECK(next == times.count());
  CHECK(times.count() == static_cast<std::uint64_t>(std::ceil(6 + 0 + 20 + 4.25)));
}

TEST_CASE("Cycled phases repeat and are cut where the time is over") {
  const sy::ArrivalTimes times(run_of({{"", 2, 1, {}}, {"", 1, 10, {}}}, 7), 1);
  CHECK(times.duration_s() == Approx(7));
  CHECK(times.count() == 12 + 12 + 1);
  CHECK(times.at(12) == Approx(3));
  CHECK(times.at(24) == Approx(6));
}

TEST_CASE("A time scale shortens durations and keeps rates") {
  const auto experiment = sy::default_experiment();
  const sy::Schedule tenth(experiment, 3, 42, {.time_scale = 0.1});
  CHECK(tenth.count() == 4050);
  CHECK(tenth.at(1).offset_ms == Approx(200));
  CHECK(sy::Schedule(experiment, 3, 42, {.limit = 17}).count() == 17);
}

TEST_CASE("A request is the same whenever it is asked for, and differs between seeds and runs") {
  const auto experiment = sy::default_experiment();
  const sy::Schedule forward(experiment, 0, 42);
  const sy::Schedule backward(experiment, 0, 42);
  const sy::Schedule seed(experiment, 0, 43);
  const sy::Schedule run(experiment, 4, 42);
  std::vector<std::uint64_t> seen(200);
  for (std::uint64_t seq = 0; seq < 200; ++seq) seen[seq] = forward.at(seq).entropy;
  for (std::uint64_t seq = 200; seq-- > 0;) {
    CHECK(backward.at(seq).entropy == seen[seq]);
    CHECK(seed.at(seq).entropy != seen[seq]);
    CHECK(run.at(seq).entropy != seen[seq]);
  }
}

TEST_CASE("Scenarios come in proportion to their weights, sizes uniformly") {
  auto experiment = sy::default_experiment();
  experiment.scenarios = {{sy::Workload::heavy_processing, sy::Platform::ecs, 3},
                          {sy::Workload::lightweight_api, sy::Platform::ecs, 0},
                          {sy::Workload::thumbnail_processing, sy::Platform::lambda, 1}};
  const sy::Schedule schedule(experiment, 1, 42);
  std::map<sy::Workload, int> workloads;
  std::map<double, int> sizes;
  constexpr int draws = 40'000;
  for (std::uint64_t seq = 0; seq < draws; ++seq) {
    const auto arrival = schedule.at(seq);
    ++workloads[arrival.workload];
    if (arrival.workload == sy::Workload::heavy_processing) ++sizes[arrival.size_kb];
  }
  // Standard deviations: sqrt(40,000 x .75 x .25) = 87 and sqrt(30,000 x .25 x .75) = 75; four of them are allowed.
  CHECK(std::abs(workloads[sy::Workload::heavy_processing] - 30'000) < 348);
  CHECK(workloads.count(sy::Workload::lightweight_api) == 0);
  REQUIRE(sizes.size() == 4);
  for (const auto& [size, count] : sizes) CHECK(std::abs(count - workloads[sy::Workload::heavy_processing] / 4) < 300);
}

TEST_CASE("Neighbours of a paired plan are one request to both platforms") {
  auto experiment = sy::default_experiment();
  experiment.pairing = sy::Pairing::paired;
  const sy::Schedule schedule(experiment, 2, 42);
  CHECK(schedule.count() == 54'000);
  int lambda_first = 0;
  std::set<std::string> pairs;
  for (std::uint64_t seq = 0; seq < 2000; seq += 2) {
    const auto first = schedule.at(seq);
    const auto second = schedule.at(seq + 1);
    CHECK(first.workload == second.workload);
    CHECK(first.size_kb == second.size_kb);
    CHECK(first.payload_seed == second.payload_seed);
    CHECK(first.pair_id == second.pair_id);
    CHECK(first.platform != second.platform);
    CHECK(first.entropy != second.entropy);
    CHECK(second.offset_ms > first.offset_ms);
    pairs.insert(first.pair_id);
    lambda_first += first.platform == sy::Platform::lambda ? 1 : 0;
  }
  CHECK(pairs.size() == 1000);
  CHECK(std::abs(lambda_first - 500) < 64);  // four standard deviations
}

TEST_CASE("Request ids carry the send time and nine characters") {
  CHECK(sy::request_id(1'763'840'139'272.9, 0) == "req_1763840139272_000000000");
  CHECK(sy::request_id(1'763'840'139'272, 35 + 36 * 10) == "req_1763840139272_za0000000");
}

TEST_CASE("Plans out of range are refused by name") {
  const auto refused = [](sy::RunPlan run, const std::string& field) {
    try {
      const auto experiment = experiment_of(std::move(run));
      (void)sy::Schedule(experiment, 0, 42);
    } catch (const sy::InvalidArgument& error) {
      return std::string(error.what()).find(field) != std::string::npos;
    }
    return false;
  };
  CHECK(refused(run_of({{"", 0, 5, {}}}), "runs[0].phases[0].duration"));
  CHECK(refused(run_of({{"", 1, 5, {}}, {"", 1, -5, {}}}), "runs[0].phases[1].arrivalRate"));
  CHECK(refused(run_of({{"", 1, 5, -1.0}}), "runs[0].phases[0].rampTo"));
  CHECK(refused(run_of({{"", NAN, 5, {}}}), "duration"));
  CHECK(refused(run_of({}), "phases is empty"));
  auto run = run_of({{"", 1, 5, {}}});
  run.window = "noon";
  CHECK(refused(run, "runs[0].window is 'noon'"));
  auto experiment = sy::default_experiment();
  CHECK_THROWS_AS(sy::Schedule(experiment, 5, 42), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::Schedule(experiment, 0, 42, {.time_scale = 0}), sy::InvalidArgument);
  experiment.scenarios.clear();
  CHECK_THROWS_AS(sy::validate(experiment), sy::InvalidArgument);
}

TEST_CASE("A workload is found under its path on either platform") {
  const auto catalogue = sy::default_catalogue();
  CHECK(sy::request_path(catalogue, sy::Platform::lambda, sy::Workload::heavy_processing) == "/heavy");
  CHECK(sy::request_path(catalogue, sy::Platform::ecs, sy::Workload::heavy_processing) == "/heavy/process");
}
