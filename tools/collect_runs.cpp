#include "collect_runs.hpp"

#include "command.hpp"
#include "interrupt.hpp"

#include "switchyard/core/text.hpp"
#include "switchyard/io/prices_json.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <thread>
#include <vector>

namespace switchyard::tools {

namespace {

double now_ms() {
  return std::chrono::duration<double, std::milli>(std::chrono::system_clock::now().time_since_epoch()).count();
}

TimeWindow window_now(const Catalogue& catalogue) {
  return catalogue.window_of_hour(catalogue.local_time(now_ms()).hour);
}

std::string run_names(const Experiment& experiment) {
  std::string names;
  for (const auto& run : experiment.runs) names += (names.empty() ? "" : ", ") + run.name;
  return names;
}

// The named run, all of them, or the one whose window it is.
std::vector<std::size_t> chosen_runs(const CollectArguments& arguments, const Experiment& experiment) {
  std::vector<std::size_t> chosen;
  const TimeWindow now = window_now(experiment.catalogue);
  for (std::size_t i = 0; i < experiment.runs.size(); ++i) {
    const RunPlan& run = experiment.runs[i];
    const bool due = arguments.run.empty() && experiment.catalogue.window_named(run.window) == now && chosen.empty();
    if (arguments.all || run.name == arguments.run || due) chosen.push_back(i);
  }
  if (!chosen.empty()) return chosen;
  if (!arguments.run.empty())
    throw InvalidArgument::out_of_range("--run", arguments.run, "one of " + run_names(experiment));
  throw InvalidArgument("no run is planned for this hour; name one with --run (" + run_names(experiment) +
                        ") or give --all");
}

// How many of the run's requests come within `duration_s`; they are sorted by time.
std::uint64_t requests_within(const Schedule& schedule, double duration_s) {
  std::uint64_t low = 0;
  std::uint64_t high = schedule.count();
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (schedule.at(middle).offset_ms < duration_s * 1000)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

Schedule schedule_of(const CollectArguments& arguments, const Experiment& experiment, std::size_t run) {
  ScheduleOptions options{.time_scale = arguments.time_scale, .limit = arguments.limit};
  const Schedule whole(experiment, run, arguments.seed, options);
  if (arguments.duration_s <= 0) return whole;
  options.limit = std::max<std::uint64_t>(1, requests_within(whole, arguments.duration_s));
  return {experiment, run, arguments.seed, options};
}

// Sleeps until the run's window; false if interrupted.
bool wait_for_window(const Catalogue& catalogue, const RunPlan& run) {
  const TimeWindow window = catalogue.window_named(run.window);
  if (window_now(catalogue) != window) std::cerr << run.name << ": waiting for " << run.window << '\n';
  while (window_now(catalogue) != window && interrupts() == 0)
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  return interrupts() == 0;
}

// Every request under way holds a socket.
void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void announce(const Experiment& experiment, const Schedule& schedule, bool planned_window) {
  const RunPlan& run = schedule.run();
  std::cerr << run.name << ": " << format_count(static_cast<std::int64_t>(schedule.count())) << " requests to "
            << experiment.endpoints.lambda << " and " << experiment.endpoints.ecs << '\n';
  const TimeWindow now = window_now(experiment.catalogue);
  if (planned_window || now == experiment.catalogue.window_named(run.window)) return;
  std::cerr << "note: planned for " << run.window << "; by the clock it is " << experiment.catalogue.name(now)
            << ", and so the rows will say (--planned-window: rows as planned; --wait: wait for it)\n";
}

}  // namespace

int collect_runs(const CollectArguments& arguments, const Experiment& experiment, PlatformClients clients,
                 std::atomic<bool>& abort) {
  raise_file_limit();
  const auto runs = chosen_runs(arguments, experiment);
  // Compressed time has no hour of the day: a rehearsal.
  const bool planned_window = arguments.planned_window || arguments.time_scale != 1;
  RowWriter rows(arguments.out);
  LoadGenerator generator(experiment, clients, rows,
                          {.connections = arguments.connections,
                           .planned_window = planned_window,
                           .abort = &abort,
                           .costs = {.prices = find_prices(experiment.prices), .scope = CostScope::marginal}});
  CollectTally tally;
  for (const std::size_t run : runs) {
    if (interrupts() > 0 || generator.cost_capped()) break;
    if (arguments.wait && !wait_for_window(experiment.catalogue, experiment.runs[run])) break;
    const Schedule schedule = schedule_of(arguments, experiment, run);
    announce(experiment, schedule, planned_window);
    generator.run(schedule, tally);
  }
  tally.print(std::cout);
  std::cout << format_count(static_cast<std::int64_t>(tally.rows())) << " rows in " << arguments.out << '\n';
  if (generator.cost_capped()) {
    std::cerr << "stopped: " << format_fixed(generator.spent_usd(), 4)
              << " USD spent, and the next request could pass max_cost_usd\n";
    return not_met;
  }
  if (interrupts() > 0) return interrupted_exit_code();
  if (tally.rows() > 0 && tally.count(Outcome::connect) == tally.rows()) {
    std::cerr << "switchyard: no request reached " << experiment.endpoints.lambda << " or " << experiment.endpoints.ecs
              << "; is `switchyard platforms` running, or are --lambda-url and --ecs-url meant?\n";
    return failed;
  }
  return done;
}

}  // namespace switchyard::tools
